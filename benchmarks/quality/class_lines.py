"""A line about each class of the data sets, its votes, and what a head learns of all votes."""

import numpy as np

from labelwright.core.matrix import VoteMatrix
from labelwright.core.units import Units
from labelwright.endmodels import Training
from labelwright.endmodels.linear import LinearHead
from labelwright.pipeline.label.in_turn import in_turn
from labelwright.sources import Compass
from labelwright.sources.description import hundredths

LINES = {
    "agnews_24k": (
        "world news: politics, governments, wars and conflicts between countries",
        "sports: games, teams, players, matches and championships",
        "business: companies, markets, stocks, money and the economy",
        "science and technology: computers, software, the internet, space and research",
    ),
    "sms": (
        "a personal message between friends or family about everyday life",
        "an advertisement: you have won a prize, call this number, free offer, claim now",
    ),
    "youtube": (
        "a comment about the song, the video or the artist",
        "spam: subscribe to my channel, check out my video, visit this link, earn money",
    ),
    "trec": (
        "what is the definition, reason, manner or description of something",
        "which thing, animal, food, product, event or creative work",
        "which person or group of people, who was it",
        "what does this abbreviation stand for",
        "where is it: which place, city, country or mountain",
        "how many, how much, what date or number",
    ),
    "yelp_13k": (
        "a bad review: the food was awful, the service rude, never again",
        "a good review: delicious food, friendly service, I love this place",
    ),
    "semeval": (
        "one thing causes another, which is its effect",
        "something is a part or component of a whole",
        "something lies inside a container, such as a bottle, box or suitcase",
        "something is put, sent or moved to a destination",
        "something comes from its origin, a place or a material",
        "somebody uses an instrument or tool",
        "members that form a collection, such as a flock, a team or an orchestra",
        "a text, speech or report is about a topic",
        "somebody makes or produces something: a producer and its product",
    ),
}
CENTRE = 1_024
HEAD = LinearHead(strength=10.0, calibration="none", steps=200)


def corrected(head, points, teach, votes, posterior):
    """What the head says of all points; None before there is anything to learn from.

    Machines' labels teach it first, of all items or of those marked in `teach`, and what
    descriptions alone say as far as answers bear it out; answers correct it.

    Args:
        head: keeps where the last fits ended, which saves most of the steps.
        points: where the items lie.
        teach: which of them may teach.
        votes: of all sources, answers among them.
        posterior: what the label model makes of them.
    """
    rows = np.flatnonzero(posterior.covered & teach)
    names = tuple(map(str, range(votes.classes)))
    units = Units(votes, np.arange(votes.units), votes.units, names, head_names=("",))
    training = Training(rows, posterior.probability[rows], np.ones(len(rows)))
    machines, answers = in_turn(units, training, posterior)
    if not len(machines.rows) + len(answers.rows):
        return None
    return head.fit(points, machines, answers).predict(points)


def voting(points, train, lines, functions=None):
    """The votes of descriptions on all points, centred over some that may teach.

    Those of functions beside them, if given: units, sources and classes.
    """
    rng = np.random.default_rng(0)
    sample = rng.permutation(np.flatnonzero(train))[:CENTRE]
    shares = hundredths(Compass.of(lines, points[sample]).shares(points)) / 100
    classes, every = shares.shape[1], np.arange(len(points))
    unit, source, label = (np.zeros(0, int),) * 3 if functions is None else functions
    sources = int(source.max(initial=-1)) + 1
    others = len(unit)
    return VoteMatrix.build(
        np.concatenate([unit, every]),
        np.concatenate([source, np.full(len(points), sources)]),
        np.concatenate([label, shares.argmax(axis=1)]),
        units=len(points),
        classes=classes,
        kinds=["function"] * sources + ["description"],
        confidence=np.concatenate([np.full(others, np.nan), shares.max(axis=1)]),
        opinion=np.concatenate([np.full(others, -1), every]) if classes > 2 else None,
        opinions=shares if classes > 2 else None,
    )
