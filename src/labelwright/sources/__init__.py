"""Layer 3: things that vote when run."""
