"""Items, votes and gold on the way in."""
