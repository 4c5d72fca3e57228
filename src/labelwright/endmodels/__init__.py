"""Layer 3: learn from posteriors, predict on the rest."""
