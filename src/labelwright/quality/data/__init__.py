"""Measures of raw data."""
