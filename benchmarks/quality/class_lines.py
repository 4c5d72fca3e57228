"""A line about each class of the data sets, the votes it casts, and the head that hears them."""

import numpy as np

from labelwright.core.matrix import VoteMatrix
from labelwright.core.units import Units
from labelwright.endmodels import with_pseudo_labels
from labelwright.endmodels.linear import LinearHead
from labelwright.pipeline.label.described import worth_in_training
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


def self_trained(points, train, votes, posterior, classes, worth_of_votes=1.0, start=None):
    """A head that learnt from answers, and from what descriptions say of the rest; None if nothing.

    `worth_of_votes` is how much each unit counts on which other sources voted, or all; `start` is
    the head of a few answers before, which saves most of the steps.
    """
    rows = np.arange(votes.units)
    units = Units(votes, rows, votes.units, tuple(map(str, range(classes))), head_names=("",))
    worth = worth_in_training(units, posterior)
    weight = posterior.covered * train * (1.0 if worth is None else worth) * worth_of_votes
    taught = np.flatnonzero(weight > 0)
    if not len(taught):
        return None
    target = posterior.probability
    if worth is not None:
        target = with_pseudo_labels(target, worth)
    return HEAD.fit(points[taught], target[taught], weight[taught], start=start)


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
