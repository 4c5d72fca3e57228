"""Whether trainings are shown in MLflow: the table ``[tracking]``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TrackingRules:
    """The table ``[tracking]``.

    Attributes:
        mlflow: whether each training is shown there when it is done.
        uri: of the server or database; empty for that of `MLFLOW_TRACKING_URI`, and without
            one for SQLite beside the project.
    """

    mlflow: bool = False
    uri: str = ""
