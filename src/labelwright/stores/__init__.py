"""Layer 3: where values rest."""
