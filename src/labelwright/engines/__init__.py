"""Layer 3: where voters run."""
