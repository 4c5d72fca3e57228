"""Layer 3: which item next. Pure functions on arrays."""
