"""The public surface: sorted, complete, and really there."""

import ast
import importlib
from collections import defaultdict
from pathlib import Path

import pytest

PACKAGES = ["endmodels", "engines", "formats", "labelmodels", "quality", "queue", "sources",
            "stores", "tasks"]  # fmt: skip


@pytest.mark.parametrize("name", ["labelwright", *(f"labelwright.{name}" for name in PACKAGES)])
def test_all_is_sorted_and_every_name_in_it_exists(name):
    module = importlib.import_module(name)
    constants_first = sorted(module.__all__, key=lambda word: (not word.isupper(), word))
    assert list(module.__all__) in (sorted(module.__all__), constants_first)
    for public in module.__all__:
        assert getattr(module, public) is not None or public == "ABSTAIN"


def test_a_wrong_name_is_an_attribute_error():
    import labelwright

    with pytest.raises(AttributeError, match="nonsense"):
        _ = labelwright.nonsense
    assert "labelmodels" in dir(labelwright)


def test_no_public_class_name_stands_twice():
    """One word, one thing: who reads a name need not ask which one is meant.

    Wire types mirror the values that they tell; `compat` has the names of other libraries.
    """
    source = Path(__file__).resolve().parents[2] / "src" / "labelwright"
    homes = defaultdict(list)
    for path in source.rglob("*.py"):
        place = path.relative_to(source).as_posix()
        if place.startswith(("server/wire/", "compat/")):
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(place)
    assert not {name: places for name, places in homes.items() if len(places) > 1}
