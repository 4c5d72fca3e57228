"""The documentation is true: generated pages are fresh, links lead somewhere, names exist."""

import functools
import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]
    if ".venv" not in path.parts
)


@functools.cache
def generated():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.pages()


@pytest.mark.parametrize("name", ["cli.md", "openapi.json", "parts.md", "python.md"])
def test_a_generated_page_is_what_the_code_says(name):
    committed = (ROOT / "docs" / "reference" / name).read_text()
    assert committed == generated()[name], "run: make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_files_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_every_command_in_the_documentation_exists():
    from labelwright.cli.main import COMMANDS

    for page in PAGES:
        for name in re.findall(r"^\s*labelwright ([a-z]+)\b", page.read_text(), re.MULTILINE):
            assert name in COMMANDS, f"{page.name}: labelwright {name}"


def test_every_setting_in_the_settings_page_is_read_and_none_is_missing():
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()
    from labelwright.pipeline.workspace.settings import CostSettings, SourceOverride

    for setting in [*CostSettings.__dataclass_fields__, *SourceOverride.__dataclass_fields__]:
        assert f"`{setting}`" in page
