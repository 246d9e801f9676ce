"""Files that end too early, found before anything is computed from them.

NetCDF-4 and Zarr notice it themselves. The two older formats do not: a classic NetCDF file that is
cut off reads as zeros, and a GRIB file that is cut off as fewer days.
"""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import BinaryIO

from tocsin.errors import GridError

__all__ = ["check_classic_netcdf", "check_grib"]

_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 6: 8, 7: 1, 8: 2, 9: 4, 10: 8, 11: 8}
_DIMENSIONS, _VARIABLES, _ATTRIBUTES = 10, 11, 12
GRIB1_LARGE = 0x800000  # a convention of ECMWF for messages above 8 MB; ecCodes knows it


class _Header:
    """The header of a classic NetCDF file; NetCDF user's guide, file format specifications."""

    def __init__(self, file: BinaryIO, version: int) -> None:
        self.file = file
        self.count_bytes = 8 if version == 5 else 4
        self.offset_bytes = 4 if version == 1 else 8

    def number(self, size: int) -> int:
        raw = self.file.read(size)
        if len(raw) < size:
            raise EOFError
        return int.from_bytes(raw, "big")

    def count(self) -> int:
        return self.number(self.count_bytes)

    def skip(self, size: int) -> None:
        self.file.seek(math.ceil(size / 4) * 4, 1)

    def attributes(self) -> None:
        tag, count = self.number(4), self.count()
        for _ in range(count if tag == _ATTRIBUTES else 0):
            self.skip(self.count())
            kind = self.number(4)
            self.skip(self.count() * _TYPE_BYTES[kind])

    def size_of_file(self) -> int:
        """Return how many bytes the file has to have for all its variables."""
        records = self.count()
        if records == (1 << 8 * self.count_bytes) - 1:
            records = 0  # written as a stream: the number of records is not known
        tag, count = self.number(4), self.count()
        lengths = []
        for _ in range(count if tag == _DIMENSIONS else 0):
            self.skip(self.count())
            lengths.append(self.count())
        self.attributes()
        tag, count = self.number(4), self.count()
        fixed: list[tuple[int, int]] = []
        of_record: list[tuple[int, int]] = []
        for _ in range(count if tag == _VARIABLES else 0):
            self.skip(self.count())
            shape = [lengths[self.count()] for _ in range(self.count())]
            self.attributes()
            kind, _ = self.number(4), self.count()
            begin = self.number(self.offset_bytes)
            by_record = bool(shape) and shape[0] == 0
            size = math.prod(shape[1:] if by_record else shape) * _TYPE_BYTES[kind]
            (of_record if by_record else fixed).append((begin, size))
        ends = [begin + size for begin, size in fixed]
        if of_record and records:
            # A lone variable's records follow each other without padding.
            step = sum(math.ceil(size / 4) * 4 for _, size in of_record)
            step = of_record[0][1] if len(of_record) == 1 else step
            ends += [begin + (records - 1) * step + size for begin, size in of_record]
        return max(ends, default=0)


def check_classic_netcdf(path: Path) -> None:
    """Refuse a classic NetCDF file (CDF-1, CDF-2, CDF-5) that is shorter than its header says."""
    size = path.stat().st_size
    try:
        with path.open("rb") as file:
            needed = _Header(file, file.read(4)[3]).size_of_file()
    except (EOFError, KeyError, IndexError, OverflowError):
        raise GridError(
            f"{path}: the header of this NetCDF file is cut off or damaged. Fetch it again."
        ) from None
    if size < needed:
        raise GridError(
            f"{path} is cut off: it has {size:,} bytes and its header speaks of {needed:,}. "
            "What is missing would read as zeros. Fetch it again."
        )


def check_grib(path: Path) -> None:
    """Refuse a GRIB file whose last message is not there to its end."""
    size, at, number = path.stat().st_size, 0, 0
    with path.open("rb") as file:
        while at < size:
            file.seek(at)
            head = file.read(1024)
            if not head.strip(b"\x00"):
                at += len(head)  # padding between messages is allowed
                continue
            start = head.find(b"GRIB")
            if start > 0:  # the lines of a bulletin may stand before a message
                at += start
                continue
            number += 1
            length = _message_length(head) if start == 0 and len(head) >= 16 else -1
            if length == 0:
                return  # a large message of edition 1: ecCodes reads on
            file.seek(max(0, at + length - 4))
            if length < 0 or at + length > size or file.read(4) != b"7777":
                raise GridError(
                    f"{path}: message {number}, which begins at byte {at:,}, is cut off or damaged "
                    f"(the file has {size:,} bytes). Fetch the file again."
                )
            at += length


def _message_length(head: bytes) -> int:
    if head[7] == 1:
        length = int.from_bytes(head[4:7], "big")
        return 0 if length & GRIB1_LARGE else length
    return int(struct.unpack(">Q", head[8:16])[0]) if head[7] == 2 else -1
