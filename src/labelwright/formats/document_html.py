"""Document -> one HTML file that needs nothing else: no script, no network, light and dark."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape

from labelwright.formats.document import (
    Block,
    Cell,
    Document,
    Facts,
    Figure,
    Gallery,
    Picture,
    Points,
    Prose,
    Section,
    Table,
    escaped,
    numeric,
    shown,
)

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Whatever slipped through, a browser runs and fetches nothing."""


def html(document: Document) -> str:
    """The document as HTML."""
    contents = "".join(
        f'<li class="l{section.level}"><a href="#s{place}">{escaped(section.title)}</a></li>'
        for place, section in enumerate(document.sections)
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escaped(document.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<header><h1>{escaped(document.title)}</h1>\n"
        f'<p class="sub">{escaped(document.subtitle)}</p>\n</header>\n'
        f"<nav><ul>{contents}</ul></nav>\n<main>\n"
        f'<section class="summary">{_blocks(document.summary)}</section>\n'
        + "\n".join(_section(place, one) for place, one in enumerate(document.sections))
        + "\n</main>\n</body>\n</html>\n"
    )


def _section(place: int, section: Section) -> str:
    tag = f"h{section.level + 1}"
    return (
        f'<section id="s{place}" class="l{section.level}">'
        f"<{tag}>{escaped(section.title)}</{tag}>\n{_blocks(section.blocks)}</section>"
    )


def _blocks(blocks: Sequence[Block]) -> str:
    return "\n".join(_block(block) for block in blocks)


def _block(block: Block) -> str:
    match block:
        case Prose():
            return f'<p class="{escape(block.tone)}">{escaped(block.text)}</p>'
        case Points():
            return "<ul>" + "".join(f"<li>{escaped(one)}</li>" for one in block.items) + "</ul>"
        case Facts():
            rows = "".join(
                f"<dt>{escaped(name)}</dt><dd>{escaped(shown(value))}</dd>"
                for name, value in block.pairs
            )
            return f"<dl>{rows}</dl>"
        case Table():
            return _table(block)
        case Figure():
            caption = f"<figcaption>{escaped(block.caption)}</figcaption>"
            return f"<figure>{block.svg}{caption}</figure>"
        case Gallery():
            shown_ = "".join(_picture(picture) for picture in block.pictures)
            return f'<div class="gallery">{shown_}</div>'


def _picture(picture: Picture) -> str:
    data = b64encode(picture.png).decode()
    return (
        f'<figure><img alt="" src="data:image/png;base64,{data}">'
        f"<figcaption>{escaped(picture.caption)}</figcaption></figure>"
    )


def _table(table: Table) -> str:
    right = [numeric(table.rows, place) for place in range(len(table.headers))]
    head = "".join(
        f"<th{_right(number)}>{escaped(header)}</th>"
        for header, number in zip(table.headers, right, strict=True)
    )
    body = "".join(f"<tr>{_row(row, right)}</tr>" for row in table.rows)
    caption = f"<caption>{escaped(table.caption)}</caption>" if table.caption else ""
    return (
        f'<div class="scroll"><table>{caption}<thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(row: Sequence[Cell], right: Sequence[bool]) -> str:
    return "".join(
        f"<td{_right(number)}>{escaped(shown(cell))}</td>"
        for cell, number in zip(row, right, strict=True)
    )


def _right(number: bool) -> str:
    return ' class="n"' if number else ""


STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --line: #d9dee6;
 --paper: #ffffff; --tint: #f4f6f9; --mark: #2a63c4; --good: #1d7a4c; --bad: #b4441a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --soft: #9aa6b5; --line: #343d4a;
 --paper: #161b22; --tint: #1e252f; --mark: #7aa8f7; --good: #5cc492; --bad: #f0905f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 4rem; background: var(--paper);
 color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1.5rem; margin: 3rem 0 .5rem; padding-bottom: .3rem;
 border-bottom: 2px solid var(--ink); }
h3 { font-size: 1.12rem; margin: 2.2rem 0 .5rem; }
.sub, .aside, figcaption, caption { color: var(--soft); font-size: .9rem; }
.sub { margin: .3rem 0 1.5rem; }
nav ul { list-style: none; padding: 0; margin: 0 0 1.5rem; columns: 3 12rem; font-size: .9rem; }
nav .l1 { font-weight: 600; margin-top: .2rem; break-after: avoid; } nav .l2 { padding-left: 1rem; }
a { color: var(--mark); text-decoration: none; } a:hover { text-decoration: underline; }
p { margin: .5rem 0; overflow-wrap: anywhere; } p.good { color: var(--good); }
p.warning { border-left: 4px solid var(--bad); padding: .1rem 0 .1rem .8rem; }
.summary { background: var(--tint); border-radius: 8px; padding: .7rem 1.2rem; }
ul { padding-left: 1.2rem; } li { overflow-wrap: anywhere; margin: .2rem 0; }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .25rem 1.2rem;
 margin: .6rem 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; white-space: pre-line; }
.scroll { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
caption { text-align: left; padding-bottom: .3rem; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line);
 vertical-align: top; overflow-wrap: break-word; }
th { color: var(--soft); font-weight: 600; overflow-wrap: normal; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: 1rem 0; } figure svg { display: block; width: 100%; height: auto; }
.gallery { display: flex; flex-wrap: wrap; gap: 1rem; } .gallery figure { margin: 0; width: 8rem; }
.gallery img { width: 8rem; height: 8rem; object-fit: contain; background: var(--tint);
 image-rendering: pixelated; }
svg text { fill: var(--ink); font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; }
svg .soft { fill: var(--soft); } svg .axis { stroke: var(--line); }
svg .bar { fill: var(--mark); } svg .pale { fill: var(--mark); opacity: .28; }
svg .line { stroke: var(--mark); fill: none; stroke-width: 2; }
svg .dot { fill: var(--mark); } svg .even { stroke: var(--soft); stroke-dasharray: 4 4; }
svg .second { stroke: var(--good); fill: none; stroke-width: 2; } svg .dot2 { fill: var(--good); }
svg .paper { fill: #ffffff; }
@media print { :root { --ink: #000; --soft: #444; --line: #bbb; --paper: #fff; --tint: #f4f4f4;
 --mark: #1f4f9e; --good: #16603b; --bad: #8f3513; color-scheme: light; }
 body { max-width: none; padding: 0; font-size: 10.5pt; } nav { display: none; }
 h2, h3 { break-after: avoid; } figure, tr, dl { break-inside: avoid; }
 section.l1:not(#s0) { break-before: page; } .scroll { overflow: visible; } }
@page { margin: 18mm 16mm; }
"""
