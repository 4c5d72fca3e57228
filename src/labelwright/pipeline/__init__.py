"""Layer 4: the only package that knows the parts. It wires; it computes nothing."""
