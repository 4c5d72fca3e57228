"""Measures of labels and models."""
