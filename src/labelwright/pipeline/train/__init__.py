"""Models that learn from labels, join content to votes, predict; training sets on the way out."""
