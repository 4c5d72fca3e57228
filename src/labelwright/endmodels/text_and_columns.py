"""Items with text and measured fields: one linear model over both."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from labelwright.core.errors import SettingsError
from labelwright.endmodels.classifier import LinearModel
from labelwright.endmodels.encoders import Encoded, Encoder, JoinedEncoder
from labelwright.endmodels.linear import LinearHead
from labelwright.endmodels.tabular import TabularLinear
from labelwright.endmodels.text import TextLinear


@dataclass(frozen=True, slots=True)
class JointLinear(LinearModel):
    """TF-IDF of the text beside the other fields' features, both of length 1 on average.

    Attributes:
        text_fields: the fields that hold text, read as one.
        columns: the other fields: numbers, booleans, dates, categories.
        head: the classifier on top.
    """

    text_fields: tuple[str, ...]
    columns: tuple[str, ...]
    head: LinearHead = field(default_factory=LinearHead)

    def __post_init__(self) -> None:
        both = set(self.text_fields) & set(self.columns)
        if both:
            raise SettingsError(f"a field is text or a column, not both: {sorted(both)}")

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return (*self.text_fields, *self.columns)

    def features(self, items: pa.Table, *, seed: int) -> tuple[Encoder, Encoded]:
        """The encoder that these items teach, and their vectors."""
        parts = (TextLinear(self.text_fields), TabularLinear(self.columns))
        return JoinedEncoder.learn(parts, items, seed=seed)
