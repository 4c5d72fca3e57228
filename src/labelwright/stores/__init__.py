"""Layer 3: where values rest.

The only package that imports Lance, and it does so when a table is first opened.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labelwright.stores.accounts import Account, Accounts, Role, SecretKind
    from labelwright.stores.answer_column import (
        AnswerColumn,
        base_of,
        get_column,
        objects_of,
        put_column,
    )
    from labelwright.stores.arrivals import Arrivals, ArrivedFile
    from labelwright.stores.atomic import write_atomic
    from labelwright.stores.cache import Cache, Kept
    from labelwright.stores.depot import Depot
    from labelwright.stores.drawn import Drawn
    from labelwright.stores.fingerprint import (
        item_words,
        items_name,
        row_words,
        segment_name,
        source_words,
        votes_name,
    )
    from labelwright.stores.forgiven import Forgiven
    from labelwright.stores.items import LanceItems
    from labelwright.stores.journal import JournalDesk
    from labelwright.stores.json_lines import JsonLines
    from labelwright.stores.layout import FOLDER, FORMAT, Layout
    from labelwright.stores.links import link_tree
    from labelwright.stores.lock import writing
    from labelwright.stores.mlflow_tracker import MlflowTracker
    from labelwright.stores.objects import Objects
    from labelwright.stores.published import Published
    from labelwright.stores.refs import Refs, checked_name
    from labelwright.stores.rejects import Reject, Rejects
    from labelwright.stores.rows import ballot_rows, vote_rows
    from labelwright.stores.runs import Runs
    from labelwright.stores.segments import ITEMS, VOTES, Segments
    from labelwright.stores.set_aside import SetAside
    from labelwright.stores.sql_database import Database
    from labelwright.stores.sql_desk import NEW, SqlDesk
    from labelwright.stores.sql_exams import TEST, DeskExams
    from labelwright.stores.sql_rows import Asked, Flagged, Receipt, Told
    from labelwright.stores.standing import Tally, asked, in_force, tally
    from labelwright.stores.sums import Sums
    from labelwright.stores.trouble import storage_errors
    from labelwright.stores.versions import Versions
    from labelwright.stores.votes import LanceVotes

__all__ = [
    "FOLDER",
    "FORMAT",
    "ITEMS",
    "NEW",
    "TEST",
    "VOTES",
    "Account",
    "Accounts",
    "AnswerColumn",
    "Arrivals",
    "ArrivedFile",
    "Asked",
    "Cache",
    "Database",
    "Depot",
    "DeskExams",
    "Drawn",
    "Flagged",
    "Forgiven",
    "JournalDesk",
    "JsonLines",
    "Kept",
    "LanceItems",
    "LanceVotes",
    "Layout",
    "MlflowTracker",
    "Objects",
    "Published",
    "Receipt",
    "Refs",
    "Reject",
    "Rejects",
    "Role",
    "Runs",
    "SecretKind",
    "Segments",
    "SetAside",
    "SqlDesk",
    "Sums",
    "Tally",
    "Told",
    "Versions",
    "asked",
    "ballot_rows",
    "base_of",
    "checked_name",
    "get_column",
    "in_force",
    "item_words",
    "items_name",
    "link_tree",
    "objects_of",
    "put_column",
    "row_words",
    "segment_name",
    "source_words",
    "storage_errors",
    "tally",
    "vote_rows",
    "votes_name",
    "write_atomic",
    "writing",
]

_HOME = {
    "FOLDER": "layout",
    "FORMAT": "layout",
    "ITEMS": "segments",
    "NEW": "sql_desk",
    "TEST": "sql_exams",
    "VOTES": "segments",
    "Account": "accounts",
    "Accounts": "accounts",
    "AnswerColumn": "answer_column",
    "Arrivals": "arrivals",
    "ArrivedFile": "arrivals",
    "Asked": "sql_rows",
    "Cache": "cache",
    "Database": "sql_database",
    "Depot": "depot",
    "DeskExams": "sql_exams",
    "Drawn": "drawn",
    "Flagged": "sql_rows",
    "Forgiven": "forgiven",
    "JournalDesk": "journal",
    "JsonLines": "json_lines",
    "Kept": "cache",
    "LanceItems": "items",
    "LanceVotes": "votes",
    "Layout": "layout",
    "MlflowTracker": "mlflow_tracker",
    "Objects": "objects",
    "Published": "published",
    "Receipt": "sql_rows",
    "Refs": "refs",
    "Reject": "rejects",
    "Rejects": "rejects",
    "Role": "accounts",
    "Runs": "runs",
    "SecretKind": "accounts",
    "Segments": "segments",
    "SetAside": "set_aside",
    "SqlDesk": "sql_desk",
    "Sums": "sums",
    "Tally": "standing",
    "Told": "sql_rows",
    "Versions": "versions",
    "asked": "standing",
    "ballot_rows": "rows",
    "base_of": "answer_column",
    "checked_name": "refs",
    "get_column": "answer_column",
    "in_force": "standing",
    "item_words": "fingerprint",
    "items_name": "fingerprint",
    "link_tree": "links",
    "objects_of": "answer_column",
    "put_column": "answer_column",
    "row_words": "fingerprint",
    "segment_name": "fingerprint",
    "source_words": "fingerprint",
    "storage_errors": "trouble",
    "tally": "standing",
    "vote_rows": "rows",
    "votes_name": "fingerprint",
    "write_atomic": "atomic",
    "writing": "lock",
}


def __getattr__(name: str) -> Any:
    """The implementation of this name, imported when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
