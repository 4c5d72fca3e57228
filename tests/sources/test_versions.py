import re

import pytest

from labelwright.core.task import Task
from labelwright.sources import function_voter, source
from labelwright.sources.functions import function_voters
from labelwright.testing.sources import check_other_version, check_same_version

TASK = Task("classification", ("spam", "ham"))

FILE = '''
import re
import labelwright.sources as lw
WORDS = ["free", "win"]
WORDS.append("cash")
PATTERN = re.compile("a+")
OTHER = 3

class Finder:
    limit = 2
    def find(self, text):
        return len(PATTERN.findall(text)) > self.limit

def has_word(text):
    return any(word in text for word in WORDS)

@lw.source(description="one")
def f(x):
    """Docstring."""
    # comment
    return "spam" if has_word(x.body) or Finder().find(x.body) else None

@lw.source
def g(x):
    return OTHER and None
'''


@pytest.fixture
def voter_of(tmp_path):
    number = iter(range(1000))

    def load(text, name="f"):
        folder = tmp_path / str(next(number))
        folder.mkdir()
        (folder / "sources.py").write_text(text)
        (folder / "terms.txt").write_text("one\n")
        (folder / "nearby_module.py").write_text("X = 1\n")
        (folder / "nearby_deep.py").write_text("Y = 1\n")
        return next(
            v for v in function_voters(folder / "sources.py", TASK) if v.source.name == name
        )

    return load


@pytest.mark.parametrize(
    "edit",
    [
        ("# comment", "# another comment"),
        ('"""Docstring."""', '"""Another\n    one."""'),
        ("OTHER = 3", "OTHER = 4"),
        ("OTHER and None", "OTHER and 0"),
        ('["free", "win"]', '[\n    "free",\n    "win",  # yes\n]'),
        ('description="one"', 'description="two", cost_usd=3, accuracy=0.9, seconds=1'),
        ("\nOTHER = 3", "\n\n\n\nOTHER = 3\nNEW = 5\ndef new(): pass"),
    ],
)
def test_what_does_not_change_votes_does_not_change_the_version(voter_of, edit):
    assert edit[0] in FILE
    check_same_version(voter_of(FILE), voter_of(FILE.replace(*edit)))


@pytest.mark.parametrize(
    "edit",
    [
        ('"win"', '"won"'),
        ('"cash"', '"Cash"'),
        ('"a+"', '"a*"'),
        ("limit = 2", "limit = 3"),
        ("word in text", "word not in text"),
        ('"spam" if', '"ham" if'),
        ('description="one"', 'fields=["body"]'),
        ('description="one"', "batch=True"),
        ('WORDS.append("cash")', 'for w in ["cash"]:\n    WORDS.append(w.upper())'),
        ('WORDS.append("cash")\n', ""),
    ],
)
def test_what_may_change_votes_changes_the_version(voter_of, edit):
    assert edit[0] in FILE
    check_other_version(voter_of(FILE), voter_of(FILE.replace(*edit)))


def test_the_order_of_definitions_does_not_matter(voter_of):
    blocks = re.split(r"\n\n(?=\S)", FILE)
    moved = "\n\n".join([blocks[0], blocks[2], blocks[1], blocks[4], blocks[3]])
    check_same_version(voter_of(FILE), voter_of(moved))


def test_the_order_of_statements_on_one_name_matters(voter_of):
    text = "import labelwright.sources as lw\nX = 1\n{}\n{}\n@lw.source\ndef f(x): return X\n"
    one = voter_of(text.format("X += 1", "X *= 2"))
    check_other_version(one, voter_of(text.format("X *= 2", "X += 1")))


def test_dynamic_access_makes_the_whole_file_count(voter_of):
    text = FILE.replace("# comment", "globals()['OTHER']")
    check_other_version(voter_of(text), voter_of(text.replace("OTHER = 3", "OTHER = 4")))


def test_two_functions_that_differ_in_nothing_but_their_name_differ(voter_of):
    check_other_version(voter_of(FILE, "f"), voter_of(FILE, "g"))


def changed_file(voter, name, text):
    (voter.path.parent / name).write_text(text)
    return next(v for v in function_voters(voter.path, TASK) if v.source.name == voter.source.name)


HEAD = "import labelwright.sources as lw\n"


def test_the_content_of_resources_counts(voter_of):
    voter = voter_of(HEAD + "@lw.source(resources={'t': 'terms.txt'})\ndef f(x): return 0\n")
    check_same_version(voter, changed_file(voter, "terms.txt", "one\n"))
    check_other_version(voter, changed_file(voter, "terms.txt", "two\n"))


@pytest.mark.parametrize(
    "imports",
    ["import nearby_module", "from nearby_module import X", "from nearby_module import *"],
)
def test_the_projects_own_modules_count_as_far_as_they_are_used(voter_of, imports):
    use = "X" if "from" in imports else "nearby_module.X"
    voter = voter_of(
        HEAD + imports + f"\n@lw.source\ndef f(x): return {use}\n@lw.source\ndef g(x): return 0\n"
    )
    check_same_version(voter, changed_file(voter, "nearby_module.py", "X = 1  # the same\n"))
    check_other_version(voter, changed_file(voter, "nearby_module.py", "X = 0\n"))


def test_modules_imported_by_those_modules_count(voter_of):
    voter = voter_of(HEAD + "import nearby_module as m\n@lw.source\ndef f(x): return m.X\n")
    deep = changed_file(voter, "nearby_module.py", "import nearby_deep\nX = nearby_deep.Y\n")
    check_other_version(deep, changed_file(deep, "nearby_deep.py", "Y = 0\n"))


def test_functions_made_by_a_factory_differ_by_what_they_caught(voter_of):
    text = HEAD + (
        "def make(word):\n    @lw.source(name=word)\n    def f(x):\n"
        "        return 0 if word in x.body else None\n    return f\n"
        "a = make('a')\nb = make('b')\n"
        "c = [lw.source(name='c')(lambda x: 0), lw.source(name='d')(lambda x: 1)]\n"
    )
    check_other_version(voter_of(text, "a"), voter_of(text, "b"))
    check_other_version(voter_of(text, "c"), voter_of(text, "d"))
    check_same_version(voter_of(text, "a"), voter_of("\n\n" + text, "a"))


def session(code, name="f"):
    """A voter for a function as a notebook makes it: compiled from text, without a file."""
    names = {"source": source}
    exec(compile(code, "<cell>", "exec"), names)
    return function_voter(names[name], TASK)


CELL = """
import re
WORDS = {"free", "win"}
TABLE = {"a": [1, 2.5, None], "re": re.compile("x")}
class Finder:
    limit = 2
    @property
    def p(self): return self.limit
    @staticmethod
    def s(x): return x
def called(x):
    return x.body in WORDS or TABLE or Finder().p
def f(x, least=3):
    "Docstring."
    return "spam" if called(x) and x.body in {"u", "v"} else f
"""


def test_a_function_of_a_session_has_a_version_by_its_code_and_values():
    check_same_version(session(CELL), session("\n\n# moved\n" + CELL))
    check_same_version(session(CELL), session(CELL.replace("Docstring", "Another")))
    for old, new in [
        ('"win"', '"won"'), ("2.5", "2.6"), ('"x"', '"y"'), ("limit = 2", "limit = 3"),
        ("least=3", "least=4"), ("x.body in WORDS", "x.head in WORDS"), ('"v"', '"w"'),
        ("return x\n", "return -x\n"),
    ]:  # fmt: skip
        check_other_version(session(CELL), session(CELL.replace(old, new)))


def test_a_closure_counts_by_what_it_caught_and_an_unreadable_value_by_its_type():
    def make(value):
        def f(x):
            return value

        return function_voter(f, TASK)

    check_same_version(make(1), make(1))
    check_other_version(make(1), make(2))
    check_same_version(make(object()), make(object()))
    check_other_version(make("a".upper), make(3))
    check_same_version(make(source(name="x")(len)), make(source(name="y")(len)))

    def later(x):
        return unset

    version = function_voter(later, TASK).source.version
    unset = 1 + 2j
    assert function_voter(later, TASK).source.version != version


def test_a_callable_object_and_odd_constants_have_versions():
    class Callable:
        __name__ = "c"

        def __call__(self, x):
            return (1j, ...)

        def method(self, x):
            return None

    assert function_voter(Callable(), TASK).source.version
    assert function_voter(Callable().method, TASK).source.version
    assert session("def f(x): return (1j, ...)").source.version
