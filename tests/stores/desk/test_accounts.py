import sqlite3

import pytest

from labelwright.core.errors import DataError, UnknownNameError
from labelwright.stores import Accounts, Database, Role, SecretKind


@pytest.fixture
def accounts(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/desk.sqlite", "project")
    yield Accounts(database)
    database.close()


def test_a_person_is_found_by_name_and_number(accounts):
    ann = accounts.add(" Ann ", Role.OWNER, 1.0)
    assert (ann.name, ann.role, ann.password, ann.disabled) == ("Ann", Role.OWNER, None, False)
    assert accounts.by_name("Ann") == accounts.by_id(ann.id) == ann
    assert accounts.all() == [ann]
    assert accounts.by_name("Bob") is None
    with pytest.raises(UnknownNameError):
        accounts.by_id(99)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 201])
def test_a_name_that_is_none_is_refused(accounts, name):
    with pytest.raises(DataError, match="name"):
        accounts.add(name, Role.LABELLER, 0.0)


def test_two_people_have_two_names(accounts):
    accounts.add("Ann", Role.OWNER, 0.0)
    with pytest.raises(DataError, match="already"):
        accounts.add("Ann", Role.LABELLER, 0.0)


def test_a_secret_says_whose_it_is_until_it_expires_or_is_dropped(accounts):
    ann = accounts.add("Ann", Role.OWNER, 0.0)
    note, secret = accounts.make_secret(ann.id, SecretKind.SESSION, 0.0, lasts_s=10.0)
    assert accounts.whose(secret, SecretKind.SESSION, 9.0) == (ann, note)
    assert accounts.whose(secret, SecretKind.TOKEN, 9.0) is None
    assert accounts.whose(secret, SecretKind.SESSION, 10.0) is None
    assert accounts.whose("other", SecretKind.SESSION, 0.0) is None
    assert accounts.drop_secret(ann.id, note.id)
    assert not accounts.drop_secret(ann.id, note.id)
    assert accounts.whose(secret, SecretKind.SESSION, 1.0) is None


def test_expired_secrets_are_forgotten_when_a_new_one_is_made(accounts):
    ann = accounts.add("Ann", Role.OWNER, 0.0)
    accounts.make_secret(ann.id, SecretKind.SESSION, 0.0, lasts_s=1.0)
    note, _ = accounts.make_secret(ann.id, SecretKind.SESSION, 5.0, lasts_s=9.0)
    assert accounts.secrets_of(ann.id, SecretKind.SESSION) == [note]
    accounts.drop_secrets(ann.id, SecretKind.SESSION)
    assert accounts.secrets_of(ann.id, SecretKind.SESSION) == []


def test_whoever_is_disabled_is_signed_out_everywhere(accounts):
    accounts.add("Ann", Role.OWNER, 0.0)
    bob = accounts.add("Bob", Role.LABELLER, 0.0)
    _, token = accounts.make_secret(bob.id, SecretKind.TOKEN, 0.0)
    assert accounts.change(bob.id, disabled=True).disabled
    accounts.change(bob.id, disabled=False, role=Role.REVIEWER, password="hash")
    assert accounts.whose(token, SecretKind.TOKEN, 0.0) is None
    assert (accounts.by_id(bob.id).role, accounts.by_id(bob.id).password) == (Role.REVIEWER, "hash")
    assert accounts.change(bob.id) == accounts.by_id(bob.id)


@pytest.mark.parametrize("change", [{"disabled": True}, {"role": Role.LABELLER}])
def test_the_last_owner_stays_one(accounts, change):
    ann = accounts.add("Ann", Role.OWNER, 0.0)
    with pytest.raises(DataError, match="needs an owner"):
        accounts.change(ann.id, **change)
    assert accounts.by_id(ann.id) == ann


def test_no_secret_is_in_the_database(accounts, tmp_path):
    ann = accounts.add("Ann", Role.OWNER, 0.0)
    _, secret = accounts.make_secret(ann.id, SecretKind.TOKEN, 0.0)
    dump = "\n".join(sqlite3.connect(tmp_path / "desk.sqlite").iterdump())
    assert "Ann" in dump
    assert secret not in dump
