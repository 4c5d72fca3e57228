"""The tables of the desk: people, how they sign in, questions, and votes as they come in."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

FORMAT = 1
OPEN, HELD, DONE = 0, 1, 2
"""The states of a slot."""

METADATA = MetaData()
_SERIAL = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER counts up by itself there


def _some(name: str, *columns: str, where: str) -> Index:
    """An index of the rows that a condition holds for."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


ABOUT = Table(
    "about",
    METADATA,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
"""Whose desk this is, and in which format."""

PEOPLE = Table(
    "people",
    METADATA,
    Column("id", _SERIAL, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("role", String(20), nullable=False),
    Column("password", Text),
    Column("disabled", Boolean, nullable=False),
    Column("created", Float, nullable=False),
)

SECRETS = Table(
    "secrets",
    METADATA,
    Column("id", _SERIAL, primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("person", ForeignKey("people.id"), nullable=False, index=True),
    Column("label", String(200), nullable=False),
    Column("created", Float, nullable=False),
    Column("expires", Float),
)
"""Invitations, sessions and API tokens: only the hash of each secret is kept."""

SLOTS = Table(
    "slots",
    METADATA,
    Column("id", _SERIAL, primary_key=True),
    Column("item_id", Text, nullable=False),
    Column("item", BigInteger, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("person", String(200), nullable=False),
    Column("until", Float, nullable=False),
    Column("ask", String(20), nullable=False),
    Column("probability", Float, nullable=False),
    Column("random", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Index("slots_of_item", "item_id"),
    _some("slots_open", "rank", "id", where="state = 0"),
    _some("slots_held", "person", "until", where="state = 1"),
    _some("slots_until", "until", where="state = 1"),
)
"""Questions: an item has as many slots as people shall be asked about it. A slot is held by one."""

ASKED = Table(
    "asked",
    METADATA,
    Column("person", String(200), primary_key=True),
    Column("item_id", Text, primary_key=True),
)
"""Who has seen which item, so that nobody sees one twice."""

VOTES = Table(
    "votes",
    METADATA,
    Column("seq", _SERIAL, primary_key=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("item_id", Text, nullable=False),
    Column("person", String(200), nullable=False),
    Column("answer", Text),
    Column("withdrawn", Boolean, nullable=False),
    Column("confidence", Float),
    Column("seconds", Float),
    Column("time", String(40)),
    Column("supersedes", String(64)),
    Column("shown", String(20), nullable=False),
    Column("schema_version", String(64), nullable=False),
    Column("ask", String(20), nullable=False),
    Column("probability", Float),
    Column("drained", Boolean, nullable=False),
    Index("votes_of_person", "person", "seq"),
    Index("votes_of_item", "item_id"),
    _some("votes_drawn", "ask", "seq", where="probability is not null"),
    _some("votes_waiting", "seq", where="not drained"),
)
"""Append-only but for the mark `drained`. `probability`: with which the item was drawn at random,
null where it was chosen or came without a question."""

FLAGS = Table(
    "flags",
    METADATA,
    Column("id", _SERIAL, primary_key=True),
    Column("item_id", Text, nullable=False),
    Column("person", String(200), nullable=False),
    Column("note", Text, nullable=False),
    Column("time", Float, nullable=False),
)
"""What people found wrong with items."""
