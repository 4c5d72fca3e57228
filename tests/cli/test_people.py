import subprocess
import sys

import pytest

from fetching import fetched

pytest.importorskip("sqlalchemy")


@pytest.fixture
def project(tmp_path, lw):
    folder = tmp_path / "reviews"
    assert lw("init", folder, "--classes", "spam,ham").code == 0
    return folder


def test_people_are_added_listed_disabled_and_given_tokens(project, lw):
    assert "nobody yet" in lw("people", "list", "-p", project).out
    added = lw("people", "add", "Ann", "--role", "owner", "-p", project)
    assert "/#/invite/" in added.out
    assert "owner" in added.out
    lw("people", "add", "Bob", "-p", project)
    listed = lw("people", "list", "-p", project, "--json").out
    assert '"state": "invited"' in listed
    assert lw("people", "disable", "Bob", "-p", project).out == "Bob is disabled\n"
    assert lw("people", "disable", "Bob", "--enable", "-p", project).out == "Bob is enabled\n"
    assert lw("people", "add", "Bob", "--role", "reviewer", "-p", project).code == 0
    assert "reviewer" in lw("people", "list", "-p", project).out
    token = lw("people", "token", "Ann", "-p", project).out.strip()
    assert len(token) > 30


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["add", "Ann", "--role", "king"], "unknown role 'king'"),
        (["disable", "Zoe"], "nobody called 'Zoe'"),
        (["token", "Zoe"], "nobody called 'Zoe'"),
        (["list", "--database", "mysql://x"], "SQLite or PostgreSQL"),
    ],
)
def test_what_cannot_be_says_so(project, lw, arguments, message):
    done = lw("people", *arguments, "-p", project)
    assert done.code == 2
    assert message in done.err


def test_the_last_owner_cannot_be_locked_out(project, lw):
    lw("people", "add", "Ann", "--role", "owner", "-p", project)
    assert "needs an owner" in lw("people", "disable", "Ann", "-p", project).err


def test_serve_says_where_it_is_and_invites_the_first_owner(project):
    command = [sys.executable, "-m", "labelwright", "serve", str(project), "--port", "0"]
    command += ["--no-browser", "--sign-in"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            address = server.stdout.readline().split(" at ")[1].split()[0]
            assert "choose the password of 'owner'" in server.stdout.readline()
            assert f"{address}/#/invite/" in server.stdout.readline()
            assert b'"sign_in_needed":true' in fetched(f"{address}/api/v1/session")
        finally:
            server.terminate()
            server.wait(30)


def test_serving_with_half_of_a_certificate_is_refused(project, lw):
    done = lw("serve", project, "--certificate", project / "none.pem")
    assert done.code == 2
    assert "--key" in done.err
