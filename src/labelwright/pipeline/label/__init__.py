"""Votes become labels."""
