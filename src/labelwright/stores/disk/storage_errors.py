"""The one place where a failing disk becomes a clear message."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from labelwright.core.errors import LabelwrightError, StorageError

_DISK_AND_LIBRARIES = (OSError, ValueError, RuntimeError, pa.ArrowException)
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
# Lance reports the system's error number in its text only.
_NUMBER_IN_TEXT = re.compile(r"\(os error (\d+)\)")


@contextmanager
def storage_errors(
    doing: str, path: Path, *, kinds: tuple[type[Exception], ...] = _DISK_AND_LIBRARIES
) -> Iterator[None]:
    """Turns whatever a file system, Arrow or Lance raises inside the block into StorageError.

    Args:
        doing: what the block does, as in "cannot ... <path>", such as ``write``.
        path: the file or folder that it does this to.
        kinds: what to translate; Arrow and Lance report a damaged file as any of these.

    Raises:
        StorageError: with what is wrong, and what to do about it.
    """
    try:
        yield
    except LabelwrightError:
        raise
    except kinds as error:
        raise _translated(error, doing, path) from error
    except BaseException as error:
        # A panic in Lance's Rust code is no Exception; its class cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise _translated(error, doing, path) from error


def _translated(error: BaseException, doing: str, path: Path) -> StorageError:
    number = getattr(error, "errno", None)
    if number is None and (found := _NUMBER_IN_TEXT.search(str(error))):
        number = int(found.group(1))
    start = f"cannot {doing} {path}: "
    if number in _FULL:
        return StorageError(
            f"{start}the disk is full, or a quota is used up. Nothing that was saved before is "
            "lost. Make room and do this step again."
        )
    if number in _FORBIDDEN:
        return StorageError(
            f"{start}no permission, or the folder is read-only. Make it writable for this user, "
            "or work on a copy."
        )
    if number == errno.ENOENT:
        return StorageError(
            f"{start}a file is missing. It may have been deleted by hand; restore the folder "
            "from a backup."
        )
    reason = (str(error).splitlines() or [""])[0][:300] or type(error).__name__
    return StorageError(
        f"{start}{reason}. The file may be damaged; restore the folder from a backup."
    )
