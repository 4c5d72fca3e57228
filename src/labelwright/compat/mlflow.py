"""MLflow's interface to a predictor: what `mlflow.pyfunc.load_model` calls. Runs no pickle."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from labelwright.core.items import MEDIA
from labelwright.pipeline.train.answer_columns import class_shares

if TYPE_CHECKING:
    import pandas as pd

    from labelwright.core.ports import Predictor

CLASSES = "classes.json"


@dataclass(frozen=True, slots=True, eq=False)
class PyfuncPredictor:
    """A predictor on data frames.

    Attributes:
        predictor: ours.
        classes: names of the columns of its answer.
    """

    predictor: Predictor
    classes: tuple[str, ...]

    def predict(
        self, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """That each class is the row's own, or belongs to it: one column a class, a row a row."""
        import pandas as pd

        items = pa.Table.from_pandas(model_input, preserve_index=False)
        if MEDIA in items.column_names:
            place = items.column_names.index(MEDIA)
            items = items.set_column(place, MEDIA, items.column(MEDIA).cast(pa.large_binary()))
        shares = class_shares(self.predictor.predict(items), items.num_rows, self.classes)
        return pd.DataFrame(shares, columns=list(self.classes))


def _load_pyfunc(data_path: str) -> PyfuncPredictor:
    """The predictor in the folder; the name is MLflow's."""
    import json

    from labelwright.endmodels import load

    folder = Path(data_path)
    classes = json.loads((folder.parent / CLASSES).read_text(encoding="utf-8"))
    return PyfuncPredictor(load(folder), tuple(classes))
