"""Objects, runs, caches and published models."""
