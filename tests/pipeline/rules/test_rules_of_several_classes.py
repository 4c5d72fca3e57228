"""Where several classes may belong to an item, a rule is suggested and judged class by class."""

import json

import numpy as np
import pytest

import labelwright as lw
from labelwright.pipeline.live.item_table import Catalogue
from labelwright.pipeline.live.snapshot import take_snapshot
from labelwright.pipeline.rules.rule_file import made_rule
from labelwright.pipeline.rules.rule_preview import Bench
from labelwright.pipeline.rules.rule_suggestions import Mine
from pipeline.making import write_csv

GOAL, VOTE = "goal", "vote"


@pytest.fixture
def snapshot(tmp_path):
    """Sixty texts: those with a goal are sports, those with a vote politics, some are both."""
    project = lw.init(tmp_path / "tags", classes=["sports", "politics"], kind="multilabel")
    table = []
    for number in range(60):
        words = [word for word, every in ((GOAL, 2), (VOTE, 3)) if number % every == 0]
        tags = [tag for tag, word in (("sports", GOAL), ("politics", VOTE)) if word in words]
        text = " ".join([*words, f"filler{number % 7}"])
        table.append({"key": f"k{number}", "text": text, "tags": json.dumps(tags)})
    path = write_csv(tmp_path / "tags.csv", table)
    project.import_items(path, id="key", text="text", gold="tags", fields=("text",), empty="none")
    return take_snapshot(lw.open(project.folder).workspace)


def test_a_word_that_goes_with_a_class_is_suggested_to_vote_that_it_belongs(snapshot):
    made = Mine(Bench(Catalogue(snapshot))).from_words(snapshot, [GOAL, VOTE], None)
    votes = {tuple(one.when["keywords"]): one.vote for one in made}
    assert json.loads(votes[GOAL,]) == {"sports": True}
    assert json.loads(votes[VOTE,]) == {"politics": True}


def test_a_rule_is_judged_by_the_classes_of_which_it_speaks(snapshot):
    bench = Bench(Catalogue(snapshot))
    rng = np.random.default_rng(0)
    table = {"name": "goal", "vote": {"sports": True}, "when": {"keywords": [GOAL]}}
    found = bench.effect(made_rule(snapshot, table), rng)
    assert (len(found.hits), found.judged, found.right) == (30, 30, 30)
    whole = bench.effect(made_rule(snapshot, {**table, "vote": ["sports"]}), rng)
    # Ten of the thirty are politics as well, which the whole answer denies.
    assert (whole.judged, whole.right) == (30, 20)
