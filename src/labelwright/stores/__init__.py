"""Layer 3: where values rest.

The only package that imports Lance, and it does so when a table is first opened.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labelwright.stores.desk.accounts import Account, Accounts, Role, SecretKind
    from labelwright.stores.desk.database import Database
    from labelwright.stores.desk.desk import NEW, SqlDesk
    from labelwright.stores.desk.exams import TEST, DeskExams
    from labelwright.stores.desk.led_votes import UNSAID
    from labelwright.stores.desk.rows import Asked, DeskVote, Flagged, Receipt
    from labelwright.stores.disk.atomic import write_atomic
    from labelwright.stores.disk.json_lines import JsonLines
    from labelwright.stores.disk.layout import FOLDER, FORMAT, Layout
    from labelwright.stores.disk.links import link_tree
    from labelwright.stores.disk.lock import writing
    from labelwright.stores.disk.storage_errors import storage_errors
    from labelwright.stores.items.arrivals import Arrivals, ArrivedFile
    from labelwright.stores.items.items import LanceItems
    from labelwright.stores.items.rejects import Reject, Rejects
    from labelwright.stores.log.forgiven import Forgiven
    from labelwright.stores.log.journal import JournalDesk
    from labelwright.stores.log.log_rows import ballot_rows, vote_rows
    from labelwright.stores.log.random_draws import Draws, RandomDraws
    from labelwright.stores.log.set_aside import SetAside
    from labelwright.stores.log.votes import LanceVotes
    from labelwright.stores.log.votes_in_force import SourceTally, asked, in_force, tally
    from labelwright.stores.records.cache import Cache, Kept
    from labelwright.stores.records.mlflow_tracker import MlflowTracker
    from labelwright.stores.records.objects import Objects
    from labelwright.stores.records.published_model import Published
    from labelwright.stores.records.runs import Runs
    from labelwright.stores.versions.answer_column import (
        AnswerColumn,
        base_of,
        get_column,
        objects_of,
        put_column,
    )
    from labelwright.stores.versions.content_names import (
        item_words,
        items_name,
        row_words,
        segment_name,
        source_words,
        votes_name,
    )
    from labelwright.stores.versions.file_checksums import FileChecksums
    from labelwright.stores.versions.refs import Refs, checked_name
    from labelwright.stores.versions.remote import Remote
    from labelwright.stores.versions.segments import ITEMS, VOTES, Segments
    from labelwright.stores.versions.versions import Versions

__all__ = [
    "FOLDER",
    "FORMAT",
    "ITEMS",
    "NEW",
    "TEST",
    "UNSAID",
    "VOTES",
    "Account",
    "Accounts",
    "AnswerColumn",
    "Arrivals",
    "ArrivedFile",
    "Asked",
    "Cache",
    "Database",
    "DeskExams",
    "DeskVote",
    "Draws",
    "FileChecksums",
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
    "RandomDraws",
    "Receipt",
    "Refs",
    "Reject",
    "Rejects",
    "Remote",
    "Role",
    "Runs",
    "SecretKind",
    "Segments",
    "SetAside",
    "SourceTally",
    "SqlDesk",
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
    "FOLDER": "disk.layout",
    "FORMAT": "disk.layout",
    "ITEMS": "versions.segments",
    "NEW": "desk.desk",
    "TEST": "desk.exams",
    "UNSAID": "desk.led_votes",
    "VOTES": "versions.segments",
    "Account": "desk.accounts",
    "Accounts": "desk.accounts",
    "AnswerColumn": "versions.answer_column",
    "Arrivals": "items.arrivals",
    "ArrivedFile": "items.arrivals",
    "Asked": "desk.rows",
    "Cache": "records.cache",
    "Database": "desk.database",
    "Remote": "versions.remote",
    "DeskExams": "desk.exams",
    "Draws": "log.random_draws",
    "RandomDraws": "log.random_draws",
    "Flagged": "desk.rows",
    "Forgiven": "log.forgiven",
    "JournalDesk": "log.journal",
    "JsonLines": "disk.json_lines",
    "Kept": "records.cache",
    "LanceItems": "items.items",
    "LanceVotes": "log.votes",
    "Layout": "disk.layout",
    "MlflowTracker": "records.mlflow_tracker",
    "Objects": "records.objects",
    "Published": "records.published_model",
    "Receipt": "desk.rows",
    "Refs": "versions.refs",
    "Reject": "items.rejects",
    "Rejects": "items.rejects",
    "Role": "desk.accounts",
    "Runs": "records.runs",
    "SecretKind": "desk.accounts",
    "Segments": "versions.segments",
    "SetAside": "log.set_aside",
    "SqlDesk": "desk.desk",
    "FileChecksums": "versions.file_checksums",
    "SourceTally": "log.votes_in_force",
    "DeskVote": "desk.rows",
    "Versions": "versions.versions",
    "asked": "log.votes_in_force",
    "ballot_rows": "log.log_rows",
    "base_of": "versions.answer_column",
    "checked_name": "versions.refs",
    "get_column": "versions.answer_column",
    "in_force": "log.votes_in_force",
    "item_words": "versions.content_names",
    "items_name": "versions.content_names",
    "link_tree": "disk.links",
    "objects_of": "versions.answer_column",
    "put_column": "versions.answer_column",
    "row_words": "versions.content_names",
    "segment_name": "versions.content_names",
    "source_words": "versions.content_names",
    "storage_errors": "disk.storage_errors",
    "tally": "log.votes_in_force",
    "vote_rows": "log.log_rows",
    "votes_name": "versions.content_names",
    "write_atomic": "disk.atomic",
    "writing": "disk.lock",
}


def __getattr__(name: str) -> Any:
    """The implementation of this name, imported when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
