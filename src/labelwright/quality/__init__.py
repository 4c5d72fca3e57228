"""Layer 3: measures of sources, labels and models."""
