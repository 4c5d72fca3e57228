"""`labelwright explain`: why an item has its label."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.cli.options import Json, ProjectOption, open_project
from labelwright.cli.show import print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from labelwright.pipeline.analysis.explain import Explanation, UnitStory, VoteEffect

FIELD_WIDTH = 200
BEYOND = 1_000_000


def command(
    item: Annotated[str, typer.Argument(help="The item's id.")],
    version: Annotated[
        str | None,
        typer.Option(help="As it stood at this version; by default now.", show_default=False),
    ] = None,
    project: ProjectOption = None,
    json: Json = False,
) -> None:
    """Show each source's vote on an item, its weight, and what it did to the label."""
    opened = open_project(project)
    story = opened.explain(item) if version is None else opened.history.explain(item, version)
    if json:
        print_json(story)
    else:
        _show(story, opened.workspace.called())


def _show(story: Explanation, called: Mapping[str, str]) -> None:
    split = f" ({story.split})" if story.split else ""
    print(f"{story.item}{split}")
    for name, value in story.fields.items():
        print(f"  {called.get(name, name)}: {str(value)[:FIELD_WIDTH]}")
    if story.answer is None:
        balance = ", ".join(f"{name} {p:.1%}" for name, p in _balance(story).items())
        if story.balance_known:
            print("no label: no source voted on it, and so nothing is known about it but the class")
            print(f"balance: {balance}")
        else:
            print("no label: no source voted on it, and how frequent each class is nobody knows")
            print(f"(assumed: {balance})")
    else:
        tie = any(unit.basis == "tied votes" for unit in story.units)
        note = "; tied with another class, the first by order" if tie else ""
        print(f"label: {story.answer} ({story.confidence:.1%} sure{note})")
    if story.gold is not None:
        print(f"gold: {story.gold}")
    if story.prediction is not None:
        best = max(story.prediction, key=story.prediction.__getitem__)
        each = ", ".join(f"{name} {chance:.1%}" for name, chance in story.prediction.items())
        said = f"{best} ({story.prediction[best]:.1%} sure)" if len(story.units) == 1 else each
        print(f"end model: {said}")
    for unit in story.units:
        _show_unit(unit)


def _balance(story: Explanation) -> dict[str, float]:
    return story.units[0].probability


def _show_unit(unit: UnitStory) -> None:
    print_table(
        ["source", "kind", "said", "accuracy", "effect", "odds"],
        [
            (
                effect.source,
                effect.kind,
                _said(effect),
                effect.accuracy,
                effect.effect,
                None if effect.effect is None else _odds(effect.effect),
            )
            for effect in unit.effects
        ],
        title=_title(unit),
    )
    if unit.content is not None:
        content = unit.content
        best = max(content.probability, key=content.probability.__getitem__)
        print(
            f"content ({content.model}): {best} ({content.probability[best]:.1%} sure); effect "
            f"{content.effect:+.2f}, odds {_odds(content.effect)}; votes alone say "
            + (
                f"{content.votes_label} ({content.votes_probability[content.votes_label]:.1%})"
                if content.votes_label is not None
                else "nothing"
            )
        )
    for effect in unit.effects:
        if effect.reason:
            print(f"{effect.source} failed: {effect.reason}")


def _title(unit: UnitStory) -> str:
    name = f"{unit.name}: " if unit.name else ""
    if not unit.label:
        return name
    return f"{name}before any vote: log odds {unit.before:+.2f} of {unit.label}"


def _odds(effect: float) -> str:
    """What an effect multiplies the odds by; beyond `BEYOND` nothing else has a say."""
    if abs(effect) <= math.log(BEYOND):
        return f"x {math.exp(effect):.2f}"
    return f"x > {BEYOND:,}" if effect > 0 else f"x < 1/{BEYOND:,}"


def _said(effect: VoteEffect) -> str:
    """What a source said in words: ``dog or cat``, ``not spam``, ``spam (80% sure)``."""
    from labelwright.tasks.partial_text import said

    if effect.answer is None:
        return effect.state
    words = said(effect.answer)
    return words if effect.confidence is None else f"{words} ({effect.confidence:.0%} sure)"
