"""What must hold of items, and how a model is kept fit as items arrive: tables of the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, fields
from typing import Any, NoReturn

from labelwright.core.errors import SettingsError, did_you_mean, shown
from labelwright.quality.data.findings import Severity
from labelwright.quality.data.schema import ColumnRules

TABLES = ("check", "drift", "gate", "watch")
Fail = Callable[[tuple[str, ...], str], NoReturn]


@dataclass(frozen=True)
class DriftRules:
    """The table ``[drift]``: when new items count as drifted.

    Attributes:
        alpha: how often items that did not drift may raise an alarm, all tests together.
        least: the least difference that matters (of shares, of distribution functions), 0 to 1;
            very many items make smaller ones certain, but no more important.
        sample: so many items of either side are compared where time grows with their square.
        ignore: columns that drift by nature, such as a date.
    """

    alpha: float = 0.01
    least: float = 0.05
    sample: int = 500
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True)
class GateRules:
    """The table ``[gate]``: when a model may be published.

    Attributes:
        tolerance: so much accuracy may be lost on the test slice.
        level: of the interval of the difference.
        strict: whether the interval must show that no more than the tolerance is lost; otherwise
            a model passes that is neither shown to be worse nor looks worse than the tolerance.
        least_items: on fewer test items nothing is compared.
    """

    tolerance: float = 0.01
    level: float = 0.95
    strict: bool = False
    least_items: int = 30


@dataclass(frozen=True)
class WatchRules:
    """The table ``[watch]``: what is done with files that arrive in a folder.

    Attributes:
        every_s: seconds between two looks at the folder.
        settle_s: a file that changed within so many seconds may not be whole yet.
        retrain_items: train again after so many new items; 0 never.
        retrain_answers: train again after so many new answers of people; 0 never.
        retrain_when_drifted: train again when the items drifted.
        drift_items: fewer new items than this are not tested for drift.
        id: the column with the key, where it is not the one of the import before.
        text: the column with the main text, likewise.
        gold: the column with the true answer.
        split: a column, or shares such as ``train=0.9,test=0.1``.
        empty: what an empty list or cell of gold says where many classes may belong: ``none`` of
            them, or ``unknown``.
    """

    every_s: float = 5.0
    settle_s: float = 2.0
    retrain_items: int = 1000
    retrain_answers: int = 50
    retrain_when_drifted: bool = True
    drift_items: int = 50
    id: str | None = None
    text: str | None = None
    gold: str | None = None
    split: str | None = None
    empty: str | None = None


@dataclass(frozen=True)
class Keeping:
    """All of these tables.

    Attributes:
        columns: the tables ``[check.columns.NAME]``.
        drift: when new items count as drifted.
        gate: when a model may be published.
        watch: what is done with files that arrive.
    """

    columns: tuple[ColumnRules, ...] = ()
    drift: DriftRules = DriftRules()
    gate: GateRules = GateRules()
    watch: WatchRules = WatchRules()


def read_keeping(tables: Mapping[str, Any], fail: Fail) -> Keeping:
    """The tables as settings.

    Args:
        tables: the whole parsed file.
        fail: raises a SettingsError that names the line of a place in the file.
    """
    check = _checked_table(("check",), tables.get("check", {}), ("columns",), fail)
    columns = _a_table(("check", "columns"), check.get("columns", {}), fail)
    drift = _made(DriftRules, ("drift",), tables.get("drift", {}), fail)
    gate = _made(GateRules, ("gate",), tables.get("gate", {}), fail)
    _within(("drift", "alpha"), drift.alpha, 1e-6, 0.5, fail)
    _within(("drift", "least"), drift.least, 0, 1, fail)
    _within(("drift", "sample"), drift.sample, 20, 5_000, fail)
    _within(("gate", "tolerance"), gate.tolerance, 0, 1, fail)
    _within(("gate", "level"), gate.level, 0.5, 0.9999, fail)
    return Keeping(
        columns=tuple(_column(name, table, fail) for name, table in columns.items()),
        drift=drift,
        gate=gate,
        watch=_made(WatchRules, ("watch",), tables.get("watch", {}), fail),
    )


def _column(name: str, table: Any, fail: Fail) -> ColumnRules:
    place = ("check", "columns", name)
    given = dict(_a_table(place, table, fail))
    severity = given.pop("severity", "warning")
    if severity not in list(Severity):
        fail((*place, "severity"), f"must be one of {', '.join(Severity)}, got {shown(severity)}")
    on_import = given.pop("on_import", "warn")
    if on_import not in ("warn", "set aside"):
        fail((*place, "on_import"), f"must be warn or set aside, got {shown(on_import)}")
    own = [field for field in fields(ColumnRules) if field.name not in _ELSEWHERE]
    known = [*(field.name for field in own), "severity", "on_import"]
    values = _values(place, given, own, known, fail)
    aside = on_import == "set aside"
    try:
        return ColumnRules(name, severity=Severity(severity), set_aside=aside, **values)
    except SettingsError as error:
        fail(place, str(error))


_ELSEWHERE = ("column", "severity", "set_aside")


def _made(kind: type[Any], place: tuple[str, ...], table: Any, fail: Fail) -> Any:
    """The settings of a table whose names are those of the class."""
    own = list(fields(kind))
    given = _checked_table(place, table, [field.name for field in own], fail)
    return kind(**_values(place, given, own, [field.name for field in own], fail))


def _values(
    place: tuple[str, ...],
    given: Mapping[str, Any],
    own: list[Field[Any]],
    known: list[str],
    fail: Fail,
) -> dict[str, Any]:
    by_name = {field.name: field for field in own}
    values = {}
    for name, value in given.items():
        if name not in by_name:
            fail((*place, name), f"unknown setting{did_you_mean(name, known)}")
        kind = str(by_name[name].type)
        wanted = next(told for start, told in _KINDS.items() if kind.startswith(start))
        if not _fits(kind, value):
            fail((*place, name), f"must be {wanted}, got {shown(value)}")
        values[name] = tuple(value) if isinstance(value, list) else value
    return values


_KINDS = {
    "bool": "true or false",
    "int": "a whole number >= 0",
    "float": "a number",
    "str": "text",
    "tuple[str": "a list of texts",
    "Values": "a list of values",
}


def _fits(kind: str, value: Any) -> bool:
    """Whether a value of the file is of the kind that the annotation names."""
    match kind.split(" ", maxsplit=1)[0]:
        case "bool":
            return isinstance(value, bool)
        case "int":
            return isinstance(value, int) and not isinstance(value, bool) and value >= 0
        case "float":
            number = isinstance(value, int | float) and not isinstance(value, bool)
            return number and float("-inf") < value < float("inf")
        case "str":
            return isinstance(value, str)
        case "Values":
            return isinstance(value, list) and all(
                isinstance(each, str | int | float | bool) for each in value
            )
        case _:
            return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _checked_table(
    place: tuple[str, ...], table: Any, known: tuple[str, ...] | list[str], fail: Fail
) -> Mapping[str, Any]:
    given = _a_table(place, table, fail)
    for name in given:
        if name not in known:
            fail((*place, name), f"unknown setting{did_you_mean(name, list(known))}")
    return given


def _a_table(place: tuple[str, ...], table: Any, fail: Fail) -> Mapping[str, Any]:
    if not isinstance(table, dict):
        fail(place, f"must be a table, got {shown(table)}")
    return table


def _within(place: tuple[str, ...], value: float, low: float, high: float, fail: Fail) -> None:
    if not low <= value <= high:
        fail(place, f"must lie in {low:g}..{high:g}, got {value:g}")
