"""Any number of classes per item."""

from labelwright.tasks.multilabel.kind import Multilabel

__all__ = ["Multilabel"]
