"""Layer 5: the laws that every plug-in must keep, as plain functions."""
