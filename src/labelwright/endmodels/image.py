"""Images: pixel and gradient features with a linear head, a small honest default."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from labelwright.core.errors import SettingsError
from labelwright.core.items import MEDIA
from labelwright.endmodels.classifier import LinearModel
from labelwright.endmodels.encoders import Encoded, Encoder, encode_in_chunks, stacked
from labelwright.endmodels.linear import LinearHead
from labelwright.endmodels.pixels import PixelEncoder


@dataclass(frozen=True, slots=True)
class ImageLinear(LinearModel):
    """Brightness, colour and gradient orientations of small pictures, with a linear head.

    It tells digits and textures apart, not breeds of dogs: that takes a deep backbone, which
    comes in as another `Encoder`.

    Attributes:
        side: images are resized to so many pixels square, a multiple of 8.
        head: the classifier on top.
    """

    side: int = 32
    head: LinearHead = field(default_factory=LinearHead)

    def __post_init__(self) -> None:
        if self.side < 8 or self.side % 8:
            raise SettingsError(f"side must be a multiple of 8, got {self.side}")

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return (MEDIA,)

    def features(self, items: pa.Table, *, seed: int) -> tuple[Encoder, Encoded]:
        """The encoder, which learns nothing, and the images' vectors."""
        encoder = PixelEncoder(self.side)
        return encoder, stacked(encode_in_chunks(encoder, items))
