"""Versions: freezing, comparing, restoring, merging, sharing."""
