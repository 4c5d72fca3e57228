"""What a few known answers do for the label model: score on held-out items as gold is added.

    python benchmarks/quality/gold.py [--model source_kinds] [--seeds 10] [--sets youtube rte]

For every set and seed 200 covered items with a known truth are drawn at random (half of them
where there are fewer than 400). The first 10, 50 and 200 of them become gold; the score is that
of all *other* covered items, the same ones for every number, so that a rise is what gold taught
about the sources and nothing else. Each cell is the mean over the seeds of the change against no
gold, in points; beside the last column stands its standard error. Scores are those of
label_models.py, whose sets these are.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from label_models import DATA, RealSet, measured, read_sets

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record

COUNTS = (10, 50, 200)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", default="source_kinds")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--sets", nargs="*", help="only these")
    parser.add_argument(
        "--option", nargs=2, action="append", default=[], metavar=("NAME", "NUMBER")
    )
    options = parser.parse_args()
    sets = [each for each in read_sets() if not options.sets or each.name in options.sets]
    if not sets:
        sys.exit(f"no votes at {DATA}; set LABELWRIGHT_DATA to the folder that holds the sets")
    settings = {name: float(number) for name, number in options.option}
    for functions in (True, False):
        world = [each for each in sets if each.functions is functions]
        print(f"\n{'functions' if functions else 'crowds'}: no gold, then the change by gold items")
        print(
            f"{'':14}{0:>8}"
            + "".join(f"{count:>8}" for count in COUNTS)
            + "      s.e.     nll 0  nll 200"
        )
        rows, told = [], []
        for each in world:
            scores = np.array(
                [curve(each, options.model, settings, s) for s in range(options.seeds)]
            )
            gain = scores[:, 1:, 0] - scores[:, :1, 0]
            spread = gain.std(axis=0, ddof=1) / np.sqrt(options.seeds)
            rows.append([scores[:, 0, 0].mean(), *gain.mean(axis=0)])
            cells = "".join(f"{change:+8.2f}" for change in rows[-1][1:])
            nll = scores[:, :, 1].mean(axis=0)
            line = f"{each.name:14}{rows[-1][0]:8.2f}{cells}   {spread[-1]:7.2f}"
            print(f"{line}   {nll[0]:7.3f}  {nll[-1]:7.3f}", flush=True)
            told.append([each.name, *rows[-1], spread[-1], nll[0], nll[-1]])
        if rows:
            mean = np.mean(rows, axis=0)
            print(f"{'mean':14}{mean[0]:8.2f}" + "".join(f"{change:+8.2f}" for change in mean[1:]))
            kept(
                "functions" if functions else "crowds",
                [*told, ["mean", *mean, *[None] * 3]],
                options,
            )


def kept(world: str, rows: list, options: argparse.Namespace) -> None:
    record(
        f"quality/gold_{world}",
        title=f"Gold for `{options.model}` on {world}: score on items that are not gold, and the "
        "points that 10, 50 and 200 gold items add to it",
        columns=["", "no gold", *map(str, COUNTS), "s.e. of the last", "NLL", "NLL, 200"],
        rows=rows,
        digits={"": 2, "NLL": 3, "NLL, 200": 3},
        measures=["src/labelwright/labelmodels"],
        settings=dict(options.option),
        plays=options.seeds,
    )


def curve(votes: RealSet, model: str, settings: dict, seed: int) -> list[tuple[float, float]]:
    """Score and NLL on the held-out items without gold, then with each number of gold items."""
    covered = np.bincount(votes.unit, minlength=len(votes.truth)) > 0
    known = np.flatnonzero(covered & (votes.truth >= 0))
    drawn = np.random.default_rng(seed).permutation(known)[: min(COUNTS[-1], len(known) // 2)]
    judged = votes.truth.copy()
    judged[drawn] = -1
    pool = RealSet(votes.name, votes.functions, votes.unit, votes.source, votes.label, judged,
                   votes.classes, votes.sources)  # fmt: skip
    points = []
    for count in (0, *COUNTS):
        row = measured(pool, model, posterior(votes, drawn[:count], model, settings), 0.0)
        points.append((row["score"], row["nll"]))
    return points


def posterior(votes: RealSet, gold: np.ndarray, model: str, settings: dict) -> np.ndarray:
    from labelwright.core.matrix import VoteMatrix
    from labelwright.labelmodels import by_name, fit_predict

    kind = "function" if votes.functions else "person"
    matrix = VoteMatrix.build(
        np.concatenate([votes.unit, gold]),
        np.concatenate([votes.source, np.full(len(gold), votes.sources)]),
        np.concatenate([votes.label, votes.truth[gold]]),
        units=len(votes.truth),
        classes=votes.classes,
        kinds=[*[kind] * votes.sources, "gold"],
    )
    return fit_predict(by_name(model, **settings), matrix).probability


if __name__ == "__main__":
    main()
