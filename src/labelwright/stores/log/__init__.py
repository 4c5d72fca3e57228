"""The vote log, and what is in force of it."""
