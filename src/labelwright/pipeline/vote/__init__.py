"""Sources vote, people's answers come in."""
