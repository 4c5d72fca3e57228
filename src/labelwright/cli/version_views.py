"""How versions, their differences and their checks look in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labelwright.cli.show import counted, print_json, print_table

if TYPE_CHECKING:
    from labelwright.core.record import Version
    from labelwright.pipeline.versions.difference import Cause, VersionDifference
    from labelwright.pipeline.versions.push_pull import PullReport
    from labelwright.pipeline.versions.verify import VerifyReport
    from labelwright.stores import Refs

SHOWN_ID = 12
_EXAMPLES = 3


def show_log(versions: Sequence[Version], refs: Refs) -> None:
    """Prints the versions as a table."""
    if not versions:
        print("no version yet; save one with: labelwright version save")
        return
    named: dict[str, list[str]] = {}
    for name, id_ in [*refs.branches.items(), *refs.tags.items()]:
        named.setdefault(id_, []).append(name)
    print_table(
        ["version", "names", "when", "who", "items", "votes", "test accuracy", "usd", "note"],
        [
            (
                version.id[:SHOWN_ID],
                ", ".join(named.get(version.id, [])),
                version.created[:16].replace("T", " "),
                version.author,
                version.items["count"],
                version.votes["count"],
                version.metrics.get("test_accuracy"),
                version.cost["usd"],
                version.remark,
            )
            for version in versions
        ],
    )


def show_version(version: Version) -> None:
    """Prints what a version holds."""
    print(f"version {version.id}")
    print(f"  {version.created.replace('T', ' ')} by {version.author or 'somebody'}")
    if version.note:
        print(f"  {version.note}")
    for parent, how in zip(version.parents, ("made from", "merged with"), strict=False):
        print(f"  {how} {parent[:SHOWN_ID]}")
    print(f"items: {version.items['count']:,}; votes in force: {version.votes['count']:,}")
    if version.labels:
        counts = (f"{name} {count:,}" for name, count in version.labels["counts"].items())
        print(f"labels: {version.labels['labelled']:,} ({', '.join(counts)})")
    for said in version.labels.get("contradicted", ()):
        print(f"saved anyway, though known truth contradicts its labels: {said}")
    for name, value in version.metrics.items():
        print(f"{name.replace('_', ' ')}: {value:.1%}")
    cost = ", ".join(f"{name} {value:,.6g}" for name, value in version.cost.items())
    print(f"cost: {cost}")
    if version.environment:
        made = ", ".join(f"{name} {release}" for name, release in version.environment.items())
        print(f"made with: {made}")
    print_table(
        ["source", "kind", "version"],
        [(one["name"], one["kind"], one["version"][:SHOWN_ID]) for one in version.sources],
    )


def show_difference(found: VersionDifference) -> None:
    """Prints what changed and why."""
    print(f"from {found.before[:SHOWN_ID]} to {found.after[:SHOWN_ID]}")
    changed = f", {found.items_changed:,} with other content" if found.items_changed else ""
    print(f"items: {found.items_added:,} added, {found.items_removed:,} removed{changed}")
    for source, how in found.sources.items():
        print(f"source {source}: {how}")
    if found.settings:
        print(f"settings: {', '.join(found.settings)} changed")
    more = f"; {counted(found.labels_new, 'new label')}" if found.labels_new else ""
    print(f"labels changed: {found.labels_changed:,}{more}")
    if found.causes:
        sampled = found.looked_into < found.labels_changed
        title = f"what moved them ({found.looked_into:,} looked into)" if sampled else ""
        print_table(
            ["moved by", "labels", "such as"],
            [(_cause(one), one.labels, _examples(one)) for one in found.causes],
            title=title or "what moved them",
        )
    print_table(
        ["label", "before", "after"],
        [(name, *counts) for name, counts in found.counts.items()],
    )
    if found.cost:
        cost = ", ".join(f"{name} {value:+,.6g}" for name, value in found.cost.items())
        print(f"cost: {cost}")


def show_verify(report: VerifyReport) -> None:
    """Prints what a check of all bytes found."""
    for one in report.damage:
        print(f"damaged: {one.place}: {one.what}")
    size = f"{report.bytes / 1e6:,.1f} MB"
    print(
        f"{counted(report.versions, 'version')}, {counted(report.files, 'file')}, {size} hashed: "
        + (f"{len(report.damage)} damaged" if report.damage else "all as they were saved")
    )
    for id_ in report.recomputed:
        print(f"labels of {id_[:SHOWN_ID]} computed again: the same")


def show_pull(report: PullReport, *, json: bool) -> None:
    """Prints what a pull or merge did, and what is left to do."""
    if json:
        print_json(report)
        return
    print(f"{report.place}: {counted(report.versions, 'new version')}, {report.how}")
    merge = report.merge
    if merge is None:
        return
    print(f"{counted(merge.votes, 'vote')} of theirs taken in; {merge.disputed:,} disputed")
    if merge.conflicts:
        files = " and ".join(merge.conflicts)
        print(f"both changed the same lines of {files}: choose between <<<<<<< and >>>>>>>, then")
        print("  labelwright version save -m merged")
    elif merge.contradicted:
        print(f"not saved: {merge.contradicted}")
    else:
        print(f"saved as version {merge.version[:SHOWN_ID]}")


def _cause(one: Cause) -> str:
    return f"{one.what} {one.who} ({one.kind})" if one.who else one.what


def _examples(one: Cause) -> str:
    return "; ".join(
        f"{change.item}: {change.before or '-'} -> {change.after or '-'}"
        for change in one.examples[:_EXAMPLES]
    )
