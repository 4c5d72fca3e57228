import json
import os
import signal
import subprocess
import sys
import threading

import pytest

from labelwright import stores
from labelwright.core.errors import ProjectBusyError, ProjectError, ProjectVersionError
from labelwright.stores import FORMAT, LanceItems, Layout, writing


@pytest.fixture
def layout(tmp_path):
    layout = Layout(tmp_path / "reviews")
    layout.create("0.1")
    return layout


def test_a_made_folder_can_be_used_and_made_again(layout):
    layout.check()
    before = layout.format_file.read_bytes()
    layout.create("0.2")
    assert layout.format_file.read_bytes() == before
    assert (layout.root / ".gitignore").read_text() == "*\n"
    paths = (layout.items, layout.votes, layout.objects, layout.runs, layout.versions)
    assert all(path.parent == layout.root for path in (*paths, layout.desk, layout.rejects))


def test_a_folder_without_a_project_says_how_to_make_one(tmp_path):
    with pytest.raises(ProjectError, match=r"is no Labelwright project.*labelwright init"):
        Layout(tmp_path).check()


@pytest.mark.parametrize("text", [None, "", "{", "[]", "{}", '{"format": "one"}'])
def test_a_damaged_format_file_is_said(layout, text):
    layout.format_file.unlink() if text is None else layout.format_file.write_text(text)
    with pytest.raises(ProjectError, match=r"format\.json is missing or unreadable"):
        layout.check()


def test_a_missing_inner_folder_is_said(layout):
    layout.runs.rmdir()
    with pytest.raises(ProjectError, match="the folder 'runs' is missing"):
        layout.check()


def test_a_project_of_a_newer_release_is_left_alone(layout):
    layout.format_file.write_text(json.dumps({"format": FORMAT + 1, "release": "9.1"}))
    for use in (layout.check, lambda: layout.create("0.1")):
        with pytest.raises(ProjectVersionError, match=r"Labelwright 9\.1 .*pip install --upgrade"):
            use()


HOLD = """
import sys
from pathlib import Path
from labelwright.stores import writing
with writing(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(layout):
    command = [sys.executable, "-c", HOLD, str(layout.root)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_second_writer_is_told_who_holds_the_project(layout, holder):
    with (
        pytest.raises(ProjectBusyError, match=rf"process {holder.pid} on .* since 2\d\d\d-.*-c"),
        writing(layout.root, wait_s=0.1),
    ):
        pass
    LanceItems(layout.items).count()


def test_the_lock_of_a_killed_process_is_free(layout, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with writing(layout.root):
        assert json.loads((layout.root / "lock.json").read_text())["pid"] == os.getpid()
    assert not (layout.root / "lock.json").exists()
    with writing(layout.root):
        pass


def test_a_writer_may_wait_for_another(layout, holder):
    threading.Timer(0.2, holder.stdin.close).start()
    with writing(layout.root, wait_s=10.0):
        pass


def test_an_unknown_holder_is_not_named(layout):
    with writing(layout.root):
        (layout.root / "lock.json").write_text("[]")
        with pytest.raises(ProjectBusyError, match="by another process"), writing(layout.root):
            pass


def test_an_error_inside_frees_the_lock(layout):
    with pytest.raises(KeyError), writing(layout.root):
        raise KeyError("mine")
    with writing(layout.root):
        pass


def test_the_package_names_what_it_offers():
    assert len(stores.__all__) == len(set(stores.__all__))
    assert set(stores.__all__) == set(stores._HOME)
    for name in stores.__all__:
        assert getattr(stores, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        stores.Nothing  # noqa: B018 - the access is what is tested
