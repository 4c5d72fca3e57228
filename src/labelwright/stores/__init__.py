"""Layer 3: where values rest.

The only package that imports Lance, and it does so when a table is first opened.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labelwright.stores.accounts import Account, Accounts, Role, SecretKind
    from labelwright.stores.arrivals import Arrivals, ArrivedFile
    from labelwright.stores.atomic import write_atomic
    from labelwright.stores.cache import Cache, Kept
    from labelwright.stores.drawn import Drawn
    from labelwright.stores.forgiven import Forgiven
    from labelwright.stores.items import LanceItems
    from labelwright.stores.journal import JournalDesk
    from labelwright.stores.json_lines import JsonLines
    from labelwright.stores.layout import FOLDER, FORMAT, Layout
    from labelwright.stores.lock import writing
    from labelwright.stores.mlflow_tracker import MlflowTracker
    from labelwright.stores.objects import Objects
    from labelwright.stores.published import Published
    from labelwright.stores.rejects import Reject, Rejects
    from labelwright.stores.rows import ballot_rows, vote_rows
    from labelwright.stores.runs import Runs
    from labelwright.stores.set_aside import SetAside
    from labelwright.stores.sql_database import Database
    from labelwright.stores.sql_desk import NEW, SqlDesk
    from labelwright.stores.sql_exams import TEST, DeskExams
    from labelwright.stores.sql_rows import Asked, Flagged, Receipt, Told
    from labelwright.stores.standing import Tally, asked, in_force, tally
    from labelwright.stores.trouble import storage_errors
    from labelwright.stores.versions import Versions
    from labelwright.stores.votes import LanceVotes

__all__ = [
    "FOLDER",
    "FORMAT",
    "NEW",
    "TEST",
    "Account",
    "Accounts",
    "Arrivals",
    "ArrivedFile",
    "Asked",
    "Cache",
    "Database",
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
    "Reject",
    "Rejects",
    "Role",
    "Runs",
    "SecretKind",
    "SetAside",
    "SqlDesk",
    "Tally",
    "Told",
    "Versions",
    "asked",
    "ballot_rows",
    "in_force",
    "storage_errors",
    "tally",
    "vote_rows",
    "write_atomic",
    "writing",
]

_HOME = {
    "FOLDER": "layout",
    "FORMAT": "layout",
    "Account": "accounts",
    "Accounts": "accounts",
    "Arrivals": "arrivals",
    "ArrivedFile": "arrivals",
    "Asked": "sql_rows",
    "Cache": "cache",
    "Database": "sql_database",
    "Flagged": "sql_rows",
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
    "Reject": "rejects",
    "Rejects": "rejects",
    "Role": "accounts",
    "Runs": "runs",
    "SecretKind": "accounts",
    "SqlDesk": "sql_desk",
    "NEW": "sql_desk",
    "DeskExams": "sql_exams",
    "TEST": "sql_exams",
    "Drawn": "drawn",
    "Forgiven": "forgiven",
    "SetAside": "set_aside",
    "Tally": "standing",
    "Told": "sql_rows",
    "Versions": "versions",
    "asked": "standing",
    "ballot_rows": "rows",
    "in_force": "standing",
    "storage_errors": "trouble",
    "tally": "standing",
    "vote_rows": "rows",
    "write_atomic": "atomic",
    "writing": "lock",
}


def __getattr__(name: str) -> Any:
    """The implementation of this name, imported when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
