"""The public surface: sorted, complete, and really there."""

import importlib

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
