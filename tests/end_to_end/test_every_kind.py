"""A kind of task is one folder: every command, method and route does its work for every kind.

What is there is found out by looking; how each is called, and what must come out, stands in the
tables of `every_kind`. Nothing is left out: what lacks a line fails by its name. What does not
hold yet for a kind is in `every_kind.falls_short`, and fails as soon as it holds.
"""

import pytest
import typer

from end_to_end.every_kind.commands import COMMANDS
from end_to_end.every_kind.falls_short import FALLS_SHORT
from end_to_end.every_kind.kinds import KINDS
from end_to_end.every_kind.methods import METHODS
from end_to_end.every_kind.parts import PARTS
from end_to_end.every_kind.people_routes import PEOPLE_ROUTES
from end_to_end.every_kind.project import GOLD, Case, Stages, Table, installed_kinds, marks_of
from end_to_end.every_kind.routes import ROUTES
from end_to_end.every_kind.versions import VERSIONS
from labelwright import Project
from labelwright.cli.main import app
from serving import client_of, open_office, person

ALL_COMMANDS = Table(COMMANDS | VERSIONS)
ALL_METHODS = Table(METHODS | PARTS)
ALL_ROUTES = Table(ROUTES | PEOPLE_ROUTES)
COMMAND, METHOD, ROUTE = "labelwright {}", "project.{}", "route {}"
TABLES = ((ALL_COMMANDS, COMMAND), (ALL_METHODS, METHOD), (ALL_ROUTES, ROUTE))


@pytest.fixture(scope="module")
def stages(tmp_path_factory):
    """The projects that every test reads or copies; their kinds are installed."""
    with installed_kinds(tmp_path_factory.mktemp("installed")):
        yield Stages(tmp_path_factory.mktemp("every_kind"))


@pytest.fixture
def case(stages, tmp_path, lw):
    """A project of a kind at the stage of an entry; a copy, unless the test only reads."""

    def make(kind, gold, entry):
        folder = stages.of(KINDS[kind], gold == GOLD, entry.stage)
        if not entry.reads:
            folder = stages.copied(folder, tmp_path)
        return Case(KINDS[kind], gold == GOLD, folder, tmp_path, lw)

    return make


def keys_of(table, called):
    """Kind, gold or not, and name of every test of a table, as `FALLS_SHORT` has them."""
    return [
        (kind, gold, called.format(name))
        for kind in KINDS
        for gold in (GOLD, "no gold")
        for name in table
    ]


def every(table, called):
    """A test for every kind, with gold and without, and every line of the table."""
    keys = keys_of(table, called)
    entries = [*table.values()] * (len(keys) // len(table))
    return pytest.mark.parametrize(
        ("kind", "gold", "entry"),
        [
            pytest.param(*key[:2], entry, id="-".join(key), marks=marks_of(key))
            for key, entry in zip(keys, entries, strict=True)
        ],
    )


def test_what_falls_short_is_tested():
    there = {key for table, called in TABLES for key in keys_of(table, called)}
    assert not FALLS_SHORT.keys() - there


def every_command(group, before=()):
    """The names of all commands, those of sub-commands with what stands before them."""
    for name, command in group.commands.items():
        path = (*before, name)
        inner = getattr(command, "commands", None)
        if inner is None or command.invoke_without_command:
            yield " ".join(path)
        if inner is not None:
            yield from every_command(command, path)


def test_every_command_has_a_line():
    ALL_COMMANDS.check(every_command(typer.main.get_command(app)), "command")


# MLflow warns of itself.
@pytest.mark.filterwarnings("ignore:The ``noload`` loader")
@every(ALL_COMMANDS, COMMAND)
def test_the_command(case, kind, gold, entry):
    entry.call(case(kind, gold, entry))


def every_method(project):
    """The names of all methods and properties, those of a part after the name of the part.

    A part is what a property gives that stands for the same project.
    """
    for name in sorted(name for name in dir(type(project)) if not name.startswith("_")):
        if name == "workspace":
            continue
        value = getattr(project, name)
        if callable(value) or not hasattr(value, "workspace"):
            yield name
        else:
            yield from (f"{name}.{inner}" for inner in every_method(value))


def test_every_method_has_a_line(stages):
    folder = stages.of(KINDS["classification"], False, "voted")
    ALL_METHODS.check(every_method(Project.open(folder)), "method")


@pytest.mark.filterwarnings("ignore:The ``noload`` loader")
@every(ALL_METHODS, METHOD)
def test_the_method(case, kind, gold, entry):
    entry.call(case(kind, gold, entry))


@pytest.fixture(scope="module")
def shared():
    """The offices that are only read, by the folder of their project."""
    offices = {}
    yield offices
    for office in offices.values():
        office.close()


@pytest.fixture
def served(case, shared):
    """A served project of a kind; one of its own, unless the test only reads."""
    own = []

    def make(kind, gold, entry):
        found = case(kind, gold, entry)
        office = shared.get(found.folder) or open_office(found.folder, questions=0)
        if entry.reads:
            shared[found.folder] = office
        else:
            own.append(office)
        found.office, found.client = office, client_of(office)
        found.client.headers |= person(office, "Olga", "owner")
        return found

    yield make
    for office in own:
        office.close()


def test_every_route_has_a_line(served):
    found = served("classification", "no gold", ROUTES["readProject"])
    paths = found.get("/openapi.json")["paths"].values()
    ALL_ROUTES.check((one["operationId"] for path in paths for one in path.values()), "route")


@every(ALL_ROUTES, ROUTE)
def test_the_route(served, kind, gold, entry):
    entry.call(served(kind, gold, entry))
