"""Layer 3: foreign files <-> items and votes."""
