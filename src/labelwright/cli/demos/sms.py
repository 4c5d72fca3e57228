"""5,574 text messages of the SMS Spam Collection, from a file or from the archive at UCI."""

from __future__ import annotations

import hashlib
import io
import urllib.error
import urllib.request
import zipfile
from functools import partial
from pathlib import Path

import numpy as np

from labelwright.cli.demos.story import Demo, Items, PreparedDemo
from labelwright.core.errors import DataError, StorageError

URL = "https://archive.ics.uci.edu/static/public/228/sms+spam+collection.zip"
SHA256 = "1587ea43e58e82b14ff1f5425c88e17f8496bfcdb67a583dbff9eefaf9963ce3"
MEMBER = "SMSSpamCollection"
TIMEOUT_S = 30
MAX_BYTES = 5_000_000
TEST_SHARE = 0.3
GOLD = 20


def demo(path: Path | None) -> Demo:
    """The demonstration with the messages of this file, or downloaded if there is none."""
    return Demo(
        name="sms",
        title="text messages, spam or not (SMS Spam Collection, UCI, CC BY 4.0)",
        expert="reader",
        seconds=6,
        prepare=partial(prepare, path=path),
    )


def prepare(folder: Path, *, path: Path | None) -> PreparedDemo:
    """Writes messages.jsonl; the class of all but a few training messages stays hidden.

    Raises:
        DataError: the file is not the collection, or the download has another checksum.
        StorageError: there is no network.
    """
    import json

    messages = parse(_unpacked(_content(path)) if path else download())
    rng = np.random.default_rng(7)
    test = rng.random(len(messages)) < TEST_SHARE
    gold = set(
        rng.choice(np.flatnonzero(~test), min(GOLD, int((~test).sum())), replace=False).tolist()
    )
    target = folder / "messages.jsonl"
    truth = {}
    with target.open("w", encoding="utf-8") as file:
        for number, (known, text) in enumerate(messages):
            id_ = f"sms-{number + 1:04d}"
            truth[id_] = known
            row = {
                "id": id_,
                "split": "test" if test[number] else "train",
                "label": known if test[number] or number in gold else None,
                "text": text,
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return PreparedDemo(
        items=(Items(target, {"id": "id", "gold": "label", "split": "split", "text": "text"}),),
        truth=truth,
        told=(
            (
                f"the class is hidden but for {GOLD} training messages (gold) and the test "
                "messages, which only measure"
            ),
        ),
    )


def download() -> str:
    """The collection from UCI's archive.

    Raises:
        StorageError: there is no network, or the archive does not answer.
        DataError: what came is not what was published.
    """
    try:
        with urllib.request.urlopen(URL, timeout=TIMEOUT_S) as answer:
            content = answer.read(MAX_BYTES)
    except (urllib.error.URLError, TimeoutError, OSError) as error:
        raise StorageError(
            f"cannot download the SMS Spam Collection from {URL} ({error}). Without a network, "
            "get the file on another machine and run: labelwright demo sms --from PATH. "
            "Or run `labelwright demo`, which needs no network."
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise DataError(
            f"the download from {URL} has the checksum {found}, expected {SHA256}; nothing was "
            "used. Try again, or get the file elsewhere and name it with --from PATH"
        )
    return _unpacked(content)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read ({error.strerror}); --from wants the file SMSSpamCollection, "
            "or the archive that it comes in"
        ) from error


def parse(text: str) -> list[tuple[str, str]]:
    """The class and text of every message: one a line, with a tab between.

    Raises:
        DataError: a line is not like that.
    """
    messages = []
    # Only line feeds end a message: some hold other characters that Unicode calls line ends.
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        known, tab, message = line.removesuffix("\r").partition("\t")
        if not tab or known not in ("ham", "spam"):
            raise DataError(
                f"line {number} of the messages starts with {line[:30]!r}; expected `ham` or "
                "`spam`, a tab, and the message, as in the SMS Spam Collection"
            )
        messages.append((known, message))
    if len(messages) < 2:
        raise DataError(f"the file holds {len(messages)} messages; expected at least two")
    return messages


def _unpacked(content: bytes) -> str:
    """The text of the collection, out of its archive if it is in one."""
    if content.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                content = archive.read(MEMBER)
        except (zipfile.BadZipFile, KeyError) as error:
            raise DataError(f"the archive holds no file {MEMBER} ({error})") from error
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"the messages are not UTF-8 text: {error}") from error
