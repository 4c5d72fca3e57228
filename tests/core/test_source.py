import pytest

from labelwright.core.errors import SettingsError
from labelwright.core.source import Source, SourceKind


def test_functions_rules_and_knowledge_bases_choose_and_the_others_do_not():
    choosers = {kind.value for kind in SourceKind if kind.chooses}
    assert choosers == {"function", "rule", "knowledge_base"}


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "\0", "a\tb"])
def test_a_name_that_cannot_be_printed_is_refused(name):
    with pytest.raises(SettingsError, match="needs a printable name"):
        Source(name)


@pytest.mark.parametrize("field", ["cost_usd", "seconds"])
@pytest.mark.parametrize("value", [-1, float("nan"), float("inf")])
def test_a_cost_that_is_no_cost_is_refused(field, value):
    with pytest.raises(SettingsError, match=f"'ann': {field} must be >= 0"):
        Source("ann", **{field: value})


@pytest.mark.parametrize("accuracy", [-0.1, 1.1, float("nan")])
def test_an_accuracy_outside_0_to_1_is_refused(accuracy):
    with pytest.raises(SettingsError, match="accuracy must lie in"):
        Source("ann", accuracy=accuracy)


def test_names_of_all_scripts_are_names():
    assert Source("Bücher 书", accuracy=0.9).name == "Bücher 书"
