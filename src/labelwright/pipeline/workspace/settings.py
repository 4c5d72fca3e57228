"""`labelwright.toml`, read and checked. Edited by hand, kept in git."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, NoReturn

from labelwright.core.errors import (
    ProjectVersionError,
    SettingsError,
    StorageError,
    UnknownNameError,
    did_you_mean,
    shown,
)
from labelwright.core.task import Task
from labelwright.pipeline.workspace.about_settings import About
from labelwright.pipeline.workspace.crowd_settings import CROWD_SETTINGS, Crowd
from labelwright.pipeline.workspace.desk_settings import DeskRules
from labelwright.pipeline.workspace.gold_settings import gold_sample
from labelwright.pipeline.workspace.monitoring_settings import TABLES, Keeping, read_keeping
from labelwright.pipeline.workspace.toml_positions import line_of, place_in, rule_lines_of
from labelwright.pipeline.workspace.tracking_settings import TrackingRules
from labelwright.tasks import kind_of

FILE_NAME = "labelwright.toml"
FUNCTIONS_FILE = "sources.py"
_TASK_SETTINGS = ("kind", "classes", "guidelines", "parents", "descriptions", "schema")
FORMAT = 1

DEFAULT_LABEL_MODEL = "source_kinds"
DEFAULT_END_MODEL = "auto"
DEFAULT_STRATEGY = "value"


@dataclass(frozen=True)
class Part:
    """Which part to use, with its settings: a table such as ``[label_model]``.

    Attributes:
        name: the part's name in its package's table.
        settings: what the part's dataclass is made with.
        line: where its table stands in the file, 0 if nowhere.
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class CostSettings:
    """The table ``[cost]``: what a human answer takes, and a machine's hour.

    Attributes:
        wage_usd_per_hour: of the people who answer.
        seconds_per_answer: expected for one item, until real answers were timed.
        machine_usd_per_hour: of the machine that trains.
    """

    wage_usd_per_hour: float = 30.0
    seconds_per_answer: float = 20.0
    machine_usd_per_hour: float = 0.0


@dataclass(frozen=True)
class SourceOverride:
    """A table ``[sources.NAME]``: what the owner knows of one source.

    Attributes:
        enabled: False leaves its votes in the log but out of the label model.
        cost_usd: money per vote.
        seconds: time per vote.
        accuracy: believed accuracy, 0 to 1.
    """

    enabled: bool = True
    cost_usd: float | None = None
    seconds: float | None = None
    accuracy: float | None = None


@dataclass(frozen=True)
class Settings:
    """A project's settings.

    Attributes:
        name: of the project.
        task: the annotation schema.
        text: the field that holds an item's main text, None if there is none or it is unknown.
        embedding: a folder of sentence-transformers, or a name on the Hugging Face hub; None for
            no embeddings.
        label_model: which label model weighs the votes.
        end_model: which end model is trained.
        training: how the posterior becomes training labels.
        joining: how content joins the votes; None if it does not.
        queue: which strategy picks questions.
        model_votes: whether the end model's cross-fitted predictions vote in the next round.
        cost: what people cost.
        desk: what labellers see and how long they have.
        crowd: how several people work on it.
        sources: what the owner knows of single sources, by name.
        rules: the no-code rules, each as its table.
        rule_lines: the line of each rule's header in the file.
        batch_timeout_s: seconds after which a function that hangs is stopped.
        keeping: what must hold of items, and how a model is kept fit as items arrive.
        about: what only the owner knows of the data.
        tracking: whether trainings are shown in MLflow.
        schema: how many changes of classes there were; `labelwright classes` counts them.
        gold_sample: ``random``, or ``chosen`` where gold is no random sample of the items.
        descriptions: a line about each class that has one; None if descriptions shall not vote.
    """

    name: str
    task: Task
    text: str | None = None
    embedding: str | None = None
    label_model: Part = Part(DEFAULT_LABEL_MODEL)
    end_model: Part = Part(DEFAULT_END_MODEL)
    training: Part = Part("targets")
    joining: Part | None = Part("joining")
    queue: Part = Part(DEFAULT_STRATEGY)
    model_votes: bool = False
    cost: CostSettings = CostSettings()
    desk: DeskRules = field(default_factory=DeskRules)
    crowd: Crowd = field(default_factory=Crowd)
    sources: Mapping[str, SourceOverride] = field(default_factory=dict)
    rules: tuple[Mapping[str, Any], ...] = ()
    rule_lines: tuple[int, ...] = ()
    batch_timeout_s: float = 30.0
    keeping: Keeping = field(default_factory=Keeping)
    about: About = field(default_factory=About)
    tracking: TrackingRules = field(default_factory=TrackingRules)
    schema: int = 0
    gold_sample: str = "random"
    descriptions: Mapping[str, str] | None = None


def read_settings(path: Path) -> Settings:
    """The settings in a `labelwright.toml`.

    Raises:
        SettingsError: with the file and line of the mistake, and what is allowed there.
        ProjectVersionError: the file is of a newer release.
    """
    text = _read_text(path)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"{path.name}{place_in(error)}. Mend the file and try again."
        ) from error
    return _Reader(path.name, text, table).settings(default_name=path.resolve().parent.name)


def _read_text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SettingsError(
            f"{path.name}:{line}: is not UTF-8 text ({error}); save it as UTF-8"
        ) from error


@dataclass(frozen=True)
class _Reader:
    """Walks the parsed file; every mistake it finds is raised with the line it stands on."""

    file: str
    text: str
    table: Mapping[str, Any]

    def settings(self, default_name: str) -> Settings:
        self._check_format()
        self._only((), self.table, _TABLES)
        items = self._table("items", ["text", "gold_sample"])
        end_model = dict(self._any_table("end_model"))
        model_votes = self._value(("end_model", "votes"), end_model.pop("votes", False), bool)
        embedding = self._table("embedding", ["model"])
        engine = self._table("engine", ["batch_timeout_s"])
        rules = self._rules()
        task = self._task()
        return Settings(
            name=self._value(("name",), self.table.get("name", default_name), str),
            task=task,
            schema=self._schema(),
            descriptions=self._descriptions(task),
            gold_sample=gold_sample(items, self._fail),
            text=self._value(("items", "text"), items.get("text"), str, type(None)),
            embedding=self._value(("embedding", "model"), embedding.get("model"), str, type(None)),
            label_model=self._part(
                "label_model", self._any_table("label_model"), DEFAULT_LABEL_MODEL
            ),
            end_model=self._part("end_model", end_model, DEFAULT_END_MODEL),
            training=self._part("training", self._any_table("training"), "targets"),
            joining=self._joining(model_votes=model_votes),
            queue=self._part("queue", self._any_table("queue"), DEFAULT_STRATEGY),
            model_votes=model_votes,
            cost=self._cost(),
            desk=self._desk(),
            crowd=self._crowd(),
            sources=self._overrides(),
            rules=rules,
            rule_lines=tuple(rule_lines_of(self.text)[: len(rules)]),
            batch_timeout_s=self._timeout(engine.get("batch_timeout_s", 30.0)),
            keeping=read_keeping(self.table, self._fail),
            about=self._plain("about", About),
            tracking=self._plain("tracking", TrackingRules),
        )

    def _check_format(self) -> None:
        found = self._value(("format",), self.table.get("format", FORMAT), int)
        if found > FORMAT:
            raise ProjectVersionError(
                f"{self.file} has format {found}, this release reads up to {FORMAT}; "
                "upgrade with: pip install --upgrade labelwright"
            )

    def _task(self) -> Task:
        if "task" not in self.table:
            raise SettingsError(f"{self.file}: the table [task] with kind and classes is missing")
        table = dict(self._any_table("task"))
        kind = self._value(("task", "kind"), table.pop("kind", "classification"), str)
        classes = self._value(("task", "classes"), table.pop("classes", None), list)
        guidelines = self._value(("task", "guidelines"), table.pop("guidelines", ""), str)
        parents = self._value(("task", "parents"), table.pop("parents", {}), dict)
        for others in ("schema", "descriptions"):
            table.pop(others, None)
        try:
            task = Task(
                kind, tuple(classes), guidelines, tuple(parents.items()), tuple(table.items())
            )
        except SettingsError as error:
            self._fail(("task", "classes"), str(error))
        self._check_kind(task)
        return task

    def _check_kind(self, task: Task) -> None:
        """Returns if there is such a kind, it has these settings, and it can ask this."""
        try:
            plain: Any = kind_of(replace(task, options=()))
        except UnknownNameError as error:
            self._fail(("task", "kind"), str(error))
        own = [setting.name for setting in fields(plain)]
        self._only(("task",), dict(task.options), [*_TASK_SETTINGS, *own])
        place = task.options[0][0] if task.options else ""
        try:
            kind = kind_of(task)
            place = "parents" if task.parents else "classes"
            kind.check(task)
        except SettingsError as error:
            self._fail(("task", place), str(error))

    def _descriptions(self, task: Task) -> dict[str, str] | None:
        told = self._any_table("task").get("descriptions")
        if told is None:
            return None
        place = ("task", "descriptions")
        self._only(place, self._value(place, told, dict), list(task.classes))
        lines = {name: self._value((*place, name), line, str) for name, line in told.items()}
        return {name: " ".join(line.split()) for name, line in lines.items() if line.strip()}

    def _schema(self) -> int:
        place = ("task", "schema")
        schema = self._value(place, self._any_table("task").get("schema", 0), int)
        if not 0 <= schema < 1 << 15:
            self._fail(place, f"counts changes of classes and is not edited, got {schema}")
        return int(schema)

    def _part(self, name: str, table: Mapping[str, Any], default: str) -> Part:
        chosen = self._value((name, "name"), table.get("name", default), str)
        settings = {key: value for key, value in table.items() if key != "name"}
        line = line_of(self.text, (name, "name")) if name in self.table else 0
        return Part(chosen, settings, line)

    def _joining(self, *, model_votes: bool) -> Part | None:
        """The table ``[joining]``; content that votes already is not joined in a second time."""
        table = dict(self._any_table("joining"))
        enabled = self._value(("joining", "enabled"), table.pop("enabled", not model_votes), bool)
        if enabled and model_votes:
            self._fail(
                ("joining", "enabled"),
                "content would count twice, since [end_model] votes = true lets it vote; switch "
                "one of the two off",
            )
        return self._part("joining", table, "joining") if enabled else None

    def _cost(self) -> CostSettings:
        table = self._table("cost", [field.name for field in fields(CostSettings)])
        return CostSettings(**{key: self._positive(("cost", key), table[key]) for key in table})

    def _desk(self) -> DeskRules:
        table = self._table("desk", ["prelabel", "lease_s", "refit_every", "fields"])
        prelabel = self._value(("desk", "prelabel"), table.get("prelabel", True), bool)
        if (lease_s := self._positive(("desk", "lease_s"), table.get("lease_s", 900.0))) < 1:
            self._fail(("desk", "lease_s"), f"must be at least 1 second, got {lease_s}")
        every = ("desk", "refit_every")
        refit = self._value(every, table.get("refit_every", 10), int)
        if refit < 0:
            self._fail(every, f"must be 0 or more, got {refit}")
        place = ("desk", "fields")
        named = self._value(place, table.get("fields", []), list)
        names = tuple(self._value(place, one, str) for one in named)
        return DeskRules(prelabel, lease_s, refit, names or None)

    def _crowd(self) -> Crowd:
        table = self._table("crowd", list(CROWD_SETTINGS))
        for key, value in table.items():
            self._positive(("crowd", key), value)
            if key in ("least", "most", "quiz"):
                self._value(("crowd", key), value, int)
        try:
            return Crowd.of(table)
        except SettingsError as error:
            raise SettingsError(f"{self.file}: crowd: {error}") from error

    def _plain(self, name: str, kind: type[Any]) -> Any:
        """A table whose settings are all texts, or true or false, as its defaults are."""
        usual = asdict(kind())
        table = self._table(name, list(usual))
        return kind(
            **{key: self._value((name, key), table[key], type(usual[key])) for key in table}
        )

    def _overrides(self) -> dict[str, SourceOverride]:
        found = {}
        for name, table in self._any_table("sources").items():
            place = ("sources", name)
            known = ["enabled", "cost_usd", "seconds", "accuracy"]
            self._only(place, self._value(place, table, dict), known)
            numbers = {
                key: self._positive((*place, key), table[key]) for key in table if key != "enabled"
            }
            if numbers.get("accuracy", 0) > 1:
                self._fail((*place, "accuracy"), f"must lie in 0..1, got {numbers['accuracy']}")
            enabled = self._value((*place, "enabled"), table.get("enabled", True), bool)
            found[name] = SourceOverride(enabled=enabled, **numbers)
        return found

    def _rules(self) -> tuple[Mapping[str, Any], ...]:
        rules = self._value(("rules",), self.table.get("rules", []), list)
        for rule in rules:
            self._value(("rules",), rule, dict)
        return tuple(rules)

    def _any_table(self, name: str) -> Mapping[str, Any]:
        return self._value((name,), self.table.get(name, {}), dict)

    def _table(self, name: str, known: list[str]) -> Mapping[str, Any]:
        table = self._any_table(name)
        self._only((name,), table, known)
        return table

    def _only(self, place: tuple[str, ...], table: Mapping[str, Any], known: list[str]) -> None:
        for key in table:
            if key not in known:
                self._fail((*place, key), f"unknown setting{did_you_mean(key, known)}")

    def _value(self, place: tuple[str, ...], value: Any, *kinds: type) -> Any:
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            named = (_KIND_NAMES[kind] for kind in kinds if kind in _KIND_NAMES)
            wanted = " or ".join(dict.fromkeys(named))
            found = "is missing" if value is None else f"got {shown(value)}"
            self._fail(place, f"must be {wanted}, {found}")
        return value

    def _positive(self, place: tuple[str, ...], value: Any) -> float:
        number = float(self._value(place, value, int, float))
        if not 0 <= number < float("inf"):
            self._fail(place, f"must be a number >= 0, got {number}")
        return number

    def _timeout(self, value: Any) -> float:
        place = ("engine", "batch_timeout_s")
        seconds = self._positive(place, value)
        if seconds == 0:
            self._fail(place, "must be more than 0 seconds")
        return seconds

    def _fail(self, place: tuple[str, ...], message: str) -> NoReturn:
        line = line_of(self.text, place)
        raise SettingsError(f"{self.file}:{line}: {'.'.join(place)}: {message}")


_TABLES = [
    *("format", "name", "task", "items", "embedding", "label_model", "end_model"),
    *("training", "joining", "queue", "cost", "crowd", "desk", "sources", "rules", "engine"),
    *("about", "tracking", *TABLES),
]
_KIND_NAMES = {str: "text", dict: "a table", list: "a list", bool: "true or false"} | dict.fromkeys(
    (int, float), "a number"
)
