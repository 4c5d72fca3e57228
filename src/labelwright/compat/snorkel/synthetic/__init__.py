"""Votes whose truth is known; Snorkel's `synthetic`."""
