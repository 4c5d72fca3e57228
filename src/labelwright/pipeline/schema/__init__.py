"""Classes change while votes stay."""
