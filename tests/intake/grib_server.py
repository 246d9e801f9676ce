"""GRIB files of runs with the index beside each, and a server that sends parts of them."""

from __future__ import annotations

import hashlib
import importlib
import json
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from aiohttp import web

from tocsin.intake.fetch import Client, open_client
from tocsin.net.client import Limits

NCEP = {
    "2t": "TMP:2 m above ground", "10u": "UGRD:10 m above ground", "10v": "VGRD:10 m above ground",
    "msl": "PRMSL:mean sea level", "tp": "APCP:surface",
}  # fmt: skip


def message(short: str, value: float, run: datetime, step: int, **keys: Any) -> bytes:
    """Return one GRIB 2 message of a coarse global grid: one value, and noise near the pole."""
    eccodes = importlib.import_module("eccodes")
    made = eccodes.codes_grib_new_from_samples("regular_ll_sfc_grib2")
    settings = {
        "Ni": 36, "Nj": 19, "latitudeOfFirstGridPointInDegrees": 90.0,
        "longitudeOfFirstGridPointInDegrees": 0.0, "latitudeOfLastGridPointInDegrees": -90.0,
        "longitudeOfLastGridPointInDegrees": 350.0, "iDirectionIncrementInDegrees": 10.0,
        "jDirectionIncrementInDegrees": 10.0, "dataDate": int(f"{run:%Y%m%d}"),
        "dataTime": run.hour * 100,
    }  # fmt: skip
    for key, one in {**settings, **keys, "shortName": short}.items():
        eccodes.codes_set(made, key, one)
    eccodes.codes_set(made, "stepRange" if short == "tp" else "step",
                      f"0-{step}" if short == "tp" else step)  # fmt: skip
    field = np.full((19, 36), value)
    field[:3] += np.random.default_rng(1).random((3, 36))
    eccodes.codes_set_values(made, field.ravel())
    body: bytes = eccodes.codes_get_message(made)
    eccodes.codes_release(made)
    return body


@dataclass
class File:
    """A file and its index in both kinds."""

    body: bytes
    ecmwf: str
    wgrib2: str


def file_of(
    run: datetime, step: int, fields: Iterable[tuple[str, float]], members: Iterable[int] = ()
) -> File:
    """Return a file with the fields one after the other; of an ensemble once for each member."""
    body, lines, idx = b"", [], []
    numbers: list[int | None] = list(members) or [None]
    for short, value in fields:
        for number in numbers:
            keys = {} if number is None else {
                "productDefinitionTemplateNumber": 11 if short == "tp" else 1, "number": number,
                "numberOfForecastsInEnsemble": len(numbers),
            }  # fmt: skip
            made = message(short, value + (number or 0), run, step, **keys)
            row: dict[str, Any] = {
                "domain": "g", "date": f"{run:%Y%m%d}", "time": f"{run:%H%M}", "expver": "0001",
                "class": "od", "type": "pf" if number else "fc", "stream": "oper",
                "levtype": "sfc", "step": str(step), "param": short,
            }  # fmt: skip
            if number:  # the control has none
                row["number"] = str(number)
            lines.append(json.dumps(row | {"_offset": len(body), "_length": len(made)}))
            said = f"0-{step} hour acc fcst" if short == "tp" else f"{step} hour fcst"
            name = NCEP.get(short, f"{short.upper()}:surface")
            idx.append(f"{len(idx) + 1}:{len(body)}:d={run:%Y%m%d%H}:{name}:{said}:")
            body += made
    return File(body, "\n".join(lines) + "\n", "\n".join(idx) + "\n")


@dataclass
class GribServer:
    """Answers ``/YYYYMMDDHH/STEP.grib2`` and its index; ``mood`` says how."""

    files: dict[tuple[str, int], File] = field(default_factory=dict)
    mood: str = "good"
    url: str = ""
    asked: list[str] = field(default_factory=list)
    sent: int = 0

    def put(self, run: datetime, step: int, *fields: tuple[str, float], **more: Any) -> None:
        self.files[f"{run:%Y%m%d%H}", step] = file_of(run, step, fields, **more)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        found = re.fullmatch(r"/(\d{10})/(\d+)(\.grib2|\.index|\.grib2\.idx)", request.path)
        self.asked.append(f"{request.path} {request.headers.get('Range', '')}".strip())
        file = found and self.files.get((found[1], int(found[2])))
        if not found or file is None:
            return web.Response(status=404)
        if found[3] != ".grib2":
            text = file.ecmwf if found[3] == ".index" else file.wgrib2
            return self._index(request, text)
        if self.mood == "500":
            return web.Response(status=503, headers={"Retry-After": "1500"})
        return await self._part(request, file.body)

    def _index(self, request: web.Request, text: str) -> web.Response:
        if self.mood == "page":
            text = "<!DOCTYPE html><html>Maintenance</html>"
        tag = f'"{hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        return web.Response(text=text, headers={"ETag": tag})

    async def _part(self, request: web.Request, body: bytes) -> web.StreamResponse:
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
        tag = f'"{len(self.asked)}"' if self.mood == "replaced" else '"one"'
        if asked is None or self.mood == "whole":
            self.sent += len(body)
            return web.Response(body=body)
        first, last = int(asked[1]), min(int(asked[2] or len(body) - 1), len(body) - 1)
        if first >= len(body):
            return web.Response(status=416, headers={"Content-Range": f"bytes */{len(body)}"})
        if self.mood == "short":
            last = (first + last) // 2
        piece = body[first : last + 1]
        if self.mood == "elsewhere":
            first, last = first + 1, last + 1
        headers = {"Content-Range": f"bytes {first}-{last}/{len(body)}", "ETag": tag}
        if self.mood == "silent":
            del headers["Content-Range"]
        self.sent += len(piece)
        if self.mood == "cut":
            response = web.StreamResponse(status=206, headers=headers)
            response.content_length = len(piece)
            await response.prepare(request)
            await response.write(piece[: len(piece) // 2])
            assert request.transport is not None
            request.transport.close()
            return response
        return web.Response(status=206, body=piece, headers=headers)


@asynccontextmanager
async def serving(server: GribServer) -> AsyncIterator[Client]:
    """Run the server; ``server.url`` is set."""
    app = web.Application()
    app.router.add_get("/{path:.*}", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        async with open_client(["127.0.0.1"]) as client:
            yield Client(client.session, client.allow, Limits(total_s=5))
    finally:
        await runner.cleanup()
