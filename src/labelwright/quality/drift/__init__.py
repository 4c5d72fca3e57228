"""Whether new items differ from old ones."""
