"""File drop: sirens and screens pick up files from a folder; each appears whole or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, cast

from pydantic import Field, field_validator

from ...parcels import Bulletin, Outcome, Parcel, Text
from ..protocol import Channel, ChannelSettings, Surroundings

__all__ = ["CHANNEL", "files_of"]


class Settings(ChannelSettings):
    """``[channels.file_drop]``."""

    folder: Path = Field(description="absolute; made if it is not there")
    formats: tuple[Literal["cap", "json", "txt"], ...] = ("cap", "json", "txt")
    width: int = 1

    @field_validator("folder")
    @classmethod
    def _is_absolute(cls, value: Path) -> Path:
        if not value.is_absolute():
            raise ValueError(f"{value} must be an absolute path, such as /srv/sirens")
        return value


class FileDrop(Channel):
    """Writes each message into a folder."""

    name = "file_drop"
    title = "File drop"
    Settings = Settings
    is_broadcast = True

    def __init__(self, settings: ChannelSettings, surroundings: Surroundings) -> None:
        super().__init__(settings, surroundings)
        self._own = cast(Settings, settings)

    async def send(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Write the files of each parcel; a second attempt writes the same ones again."""
        return [await asyncio.to_thread(self._write, parcel.bulletin) for parcel in parcels]

    def _write(self, bulletin: Bulletin) -> Outcome:
        try:
            self._own.folder.mkdir(parents=True, exist_ok=True)
            for name, content in files_of(bulletin, self._own.formats).items():
                _write_whole(self._own.folder / name, content)
        except OSError as error:
            return Outcome.failed(f"{error.filename or self._own.folder}: {error.strerror}")
        return Outcome.sent()


def files_of(bulletin: Bulletin, formats: Sequence[str]) -> dict[str, bytes]:
    """Return the files of a message by name; names sort by time and hold no odd letters."""
    mark = hashlib.sha256(bulletin.identifier.encode()).hexdigest()[:8]
    stem = f"{bulletin.sent_at:%Y%m%dT%H%M%SZ}-{mark}-{bulletin.msg_type.lower()}"
    files: dict[str, bytes] = {}
    for language, texts in bulletin.texts.items() if "txt" in formats else ():
        lines = ["".join(f"{line}\n" for line in _lines(text, language) if line) for text in texts]
        files[f"{stem}.{language}.txt"] = "\n".join(lines).encode()
    if "json" in formats:
        files[f"{stem}.json"] = json.dumps(_fields(bulletin), ensure_ascii=False).encode()
    if "cap" in formats:  # last: who waits for it finds the others there
        files[f"{stem}.xml"] = bulletin.raw
    return files


def _lines(text: Text, language: str) -> tuple[str, ...]:
    """Return what a screen shows of one level: two levels may share headline and instruction."""
    areas = ("、" if language.startswith("zh") else ", ").join(text.areas)
    event = "" if text.event in text.headline else text.event
    return event, text.headline, text.instruction, areas


def _fields(bulletin: Bulletin) -> dict[str, object]:
    return {
        "identifier": bulletin.identifier,
        "references": list(bulletin.references),
        "warning": bulletin.warning,
        "msg_type": bulletin.msg_type,
        "status": bulletin.status,
        "hazard": bulletin.hazard,
        "level": bulletin.level,
        "levels": dict(bulletin.levels),
        "sent": bulletin.sent_at.isoformat(),
        "expires": bulletin.expires_at.isoformat(),
        "headlines": {name: texts[0].headline for name, texts in bulletin.texts.items()},
    }


def _write_whole(path: Path, content: bytes) -> None:
    """Write beside the target, to disk, then rename: readers never see half a file."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


CHANNEL = FileDrop
