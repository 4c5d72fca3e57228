"""Documents: whole files that need nothing else, in which no data can become markup."""

from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.core.errors import StorageError
from labelwright.formats import html, markdown, picture, write_text
from labelwright.formats.document import (
    Document,
    Facts,
    Figure,
    Gallery,
    Picture,
    Points,
    Prose,
    Section,
    Table,
    shown,
)
from labelwright.formats.plots import Dot, bars, heat_map, intervals, lines, reliability_curve

NAN = float("nan")
NASTY = "<script>alert(1)</script>\"'&\u2028\x00<img src=x onerror=y>"


class Tags(HTMLParser):
    """Collects tags and their attributes, and notices those that are not closed."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.open = set(), set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def read(text):
    tags = Tags()
    tags.feed(text)
    tags.close()
    assert not tags.open
    return tags


def document(text):
    """A document in which a text stands wherever a text may stand."""
    figure = Figure(
        bars([text, "b"], [2, 0], [text, ""])
        + intervals([Dot(text, 0.5, 0.2, 0.7, text), Dot(text, NAN, 0, 1)])
        + heat_map([text, "b"], [text, "b"], [[3, 0], [1, 2]])
        + lines([(text, [Dot(text, 0.5, 0.4, 0.6), Dot(text, NAN, 0, 1)])]),
        text,
    )
    blocks = [
        Prose(text, "warning"),
        Prose(text, "aside"),
        Points([text]),
        Facts([(text, text), ("n", 1_000), ("x", NAN)]),
        Table((text, "n"), [(text, 1.5), (text, None)], text),
        Table((text,), []),
        figure,
        Gallery([Picture(b"\x89PNG", text)]),
    ]
    return Document(text, text, blocks, [Section(text, blocks, level=1), Section(text)])


@settings(max_examples=30, deadline=None)
@given(st.text())
def test_whatever_the_data_say_it_stays_text(text):
    page = html(document(text))
    page.encode("utf-8")
    found = read(page)
    assert not found.tags & {"script", "iframe", "object", "link", "form"}
    assert not any(name.startswith("on") for name in found.attributes)


def test_a_page_loads_and_runs_nothing_and_holds_the_text():
    page = html(document(NASTY))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page
    assert "onerror=y" not in "".join(read(page).attributes)
    assert "default-src 'none'" in page.replace("&#x27;", "'")
    outside = page.replace("http://www.w3.org/2000/svg", "")
    assert "http://" not in outside
    assert "https://" not in outside


def test_a_page_has_one_title_and_a_link_to_every_section():
    page = html(document("Birds"))
    assert page.count("<h1>") == 1
    for number in range(2):
        assert f'href="#s{number}"' in page
        assert f'id="s{number}"' in page


@settings(max_examples=30, deadline=None)
@given(st.text(), st.lists(st.floats(0, 1), max_size=5))
def test_every_plot_is_well_formed_xml(name, values):
    dots = [Dot(name, value, max(0, value - 0.1), min(1, value + 0.1)) for value in values]
    counts = [1] * len(values)
    for svg in (
        bars([name] * len(values), values, [name] * len(values)),
        intervals(dots),
        lines([(name, dots), ("b", dots)]),
        lines([]),
        reliability_curve(values, values, [0] * len(values), [1] * len(values), counts),
        heat_map([name] * len(values), [name] * len(values), [counts] * len(values)),
    ):
        ET.fromstring(svg)


def test_many_classes_make_a_heat_map_of_tints_alone():
    names = [f"class {number}" for number in range(40)]
    svg = heat_map(names, names, [[1] * 40] * 40)
    assert svg.count("<rect") == 1_600
    assert ">1</text>" not in svg


def test_markdown_says_the_same_and_markup_in_data_is_escaped():
    page = markdown(document("# *Birds* | <b>_x_</b>"))
    assert page.startswith("# \\# \\*Birds\\* \\| &lt;b&gt;\\_x\\_&lt;/b&gt;\n")
    assert "<b>" not in page
    assert "1,000" in page
    assert "\n## " in page


def test_a_table_in_markdown_keeps_its_columns_whatever_is_in_a_cell():
    table = Table(("a", "b"), [("x|y\nz", 1), ("", 2.5)])
    lines_ = markdown(Document("t", "s", [table], [])).strip().splitlines()
    assert lines_[-4:] == ["| a | b |", "| --- | ---: |", "| x\\|y z | 1 |", "|  | 2.500 |"]


def test_what_would_start_a_list_or_a_heading_is_escaped():
    page = markdown(
        Document("t", "s", [Prose("1. x"), Prose("- x"), Prose("# x"), Prose("-1")], [])
    )
    assert page.splitlines()[4::2] == ["1\\. x", "\\- x", "\\# x", "-1"]


def test_cells_are_said_as_people_say_them():
    assert [shown(cell) for cell in (None, NAN, True, False, 12_345, 0.12345, "x")] == [
        "–", "–", "yes", "no", "12,345", "0.123", "x",
    ]  # fmt: skip


def test_a_text_file_is_whole_or_not_there(tmp_path):
    write_text(tmp_path / "a.html", "x\ud800")
    assert (tmp_path / "a.html").read_text("utf-8") == "x?"
    for place in (tmp_path, tmp_path / "none" / "a.html"):
        with pytest.raises(StorageError):
            write_text(place, "x")


@pytest.mark.parametrize("mode", ["RGB", "L", "1", "P", "RGBA", "I;16", "F"])
def test_an_image_becomes_a_small_png_whatever_its_mode(mode):
    import io

    from PIL import Image

    content = io.BytesIO()
    Image.new(mode, (300, 200)).save(content, "TIFF")
    small = Image.open(io.BytesIO(picture(content.getvalue())))
    assert small.format == "PNG"
    assert max(small.size) == 128


def test_what_is_no_image_has_no_picture():
    assert picture(None) is None
    assert picture(b"nonsense") is None
