"""Measures of sources."""
