"""One class per item."""

from labelwright.tasks.classification.kind import Classification

__all__ = ["Classification"]
