"""The feed file of a region."""

from __future__ import annotations

from pydantic import ValidationError

from tocsin.intake import READERS, Feed
from tocsin.region.checker import Checker
from tocsin.region.plain import findings, near
from tocsin.region.toml_lines import Document

__all__ = ["read_feeds"]


def read_feeds(check: Checker, file: str) -> tuple[Feed, ...]:
    """Read the feeds, each with the settings that its reader asks for."""
    document = check.toml(file)
    if document is None:
        return ()
    feeds: list[Feed] = []
    for number, data in enumerate(check.tables(document, "feed")):
        at = ("feed", number)
        if "folder" in data:
            check.fault_at(
                document, (*at, "folder"), data["folder"],
                "This key is not known here.", "Write path, seen from the region folder.",
            )  # fmt: skip
            continue
        feed = check.validated(Feed, data, document, at)
        if feed is None:
            continue
        if any(feed.id == other.id for other in feeds):
            check.fault_at(
                document, (*at, "id"), feed.id, "Another feed has this id.", "Rename one."
            )
        _check_reader(check, document, number, feed)
        _check_path(check, feed)
        feeds.append(feed.model_copy(update={"folder": check.folder}))
    return tuple(feeds)


def _check_path(check: Checker, feed: Feed) -> None:
    """Check that a file of the region is there; a folder where files are dropped may be empty."""
    if feed.path and not feed.is_live:
        check.has(feed.path)
    elif feed.path and not (check.folder / feed.path).is_dir():
        check.fault(
            feed.path, 0, "folder", "", "The folder is not there.",
            f"Make {feed.path} in the region folder; files that are dropped there are read.",
        )  # fmt: skip


def _check_reader(check: Checker, document: Document, number: int, feed: Feed) -> None:
    """Check that the reader exists and can use its settings."""
    if feed.reader not in READERS:
        check.fault_at(
            document, ("feed", number, "reader"), feed.reader,
            "There is no such reader.", near(feed.reader, READERS),
        )  # fmt: skip
        return
    model = READERS[feed.reader].options
    try:
        options = model.model_validate(feed.options)
    except ValidationError as error:
        wrong = [
            (".".join(map(str, where)), value, problem, remedy)
            for where, value, problem, remedy in findings(error, model)
        ]
    else:
        wrong = list(options.problems())
    for key, value, problem, remedy in wrong:
        at: tuple[str | int, ...] = ("feed", number, "options", *key.split("."))
        check.fault_at(document, at, value, problem, remedy)
