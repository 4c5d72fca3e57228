"""Versions: segments of rows, columns of answers, names by content, remotes."""
