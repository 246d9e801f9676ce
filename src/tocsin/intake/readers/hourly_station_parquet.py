"""Hourly values of several stations in a Parquet file: the table of the CSV reader, by columns.

Only the columns that the settings name are read, and only if the file says that they are small
enough: a few bytes of Parquet can stand for any number of rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from tocsin.errors import IntakeError
from tocsin.intake.cells import Refused, add_row, header_of, text_of
from tocsin.intake.feed import Feed, Reading, reader
from tocsin.intake.lines import Table
from tocsin.intake.readers.hourly_station_csv import HourlyStation, reading_of

__all__ = ["HourlyStationParquet", "read_hourly_station_parquet"]

MOST_ROWS, MOST_COLUMNS = 1_000_000, 2_000
MOST_BYTES = 256_000_000
"""Unpacked, of the columns that are read."""
BATCH = 16_384
MOST_THRIFT = 10_000_000
"""Bytes of a text, and members of a list, in the file's own description."""


class HourlyStationParquet(HourlyStation):
    """The settings of this reader: those of hourly-station-csv."""


@reader("hourly-station-parquet", HourlyStationParquet, "parquet")
def read_hourly_station_parquet(
    feed: Feed, options: HourlyStationParquet, stations: Collection[str]
) -> Reading:
    """Read the file of ``feed``; see :func:`tocsin.intake.read`. Rows count from 1."""
    refused = Refused(feed.path)
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError:
        raise refused("Parquet files need pyarrow.", "Run: pip install 'tocsin[parquet]'") from None
    try:
        with parquet.ParquetFile(
            feed.file,
            thrift_string_size_limit=MOST_THRIFT,
            thrift_container_size_limit=MOST_THRIFT,
        ) as file:
            table = _table(file, feed.path, options, refused)
    except IntakeError:
        raise
    except (arrow.ArrowException, OSError, ValueError, TypeError, OverflowError) as error:
        problem = f"This is no Parquet file, or it is damaged ({type(error).__name__})."
        raise refused(problem, "Write it anew.") from error
    return reading_of(table, options, stations)


def _table(file: Any, path: str, options: HourlyStationParquet, refused: Refused) -> Table:
    about, schema = file.metadata, file.schema_arrow
    if about.num_rows > MOST_ROWS or about.num_columns > MOST_COLUMNS:
        raise refused(
            f"The file has {about.num_rows:,} rows and {about.num_columns:,} columns; "
            f"{MOST_ROWS:,} and {MOST_COLUMNS:,} are read.", "Write fewer into one file.",
        )  # fmt: skip
    table = Table(path, header_of(schema.names, path, 0))
    used = [options.station_column, options.time_column, *options.columns]
    used = [name for name in dict.fromkeys(used) if name in schema.names]
    size = _size(about, used)
    if size > MOST_BYTES:
        raise refused(
            f"Unpacked the columns have {size / 1e6:,.0f} MB; {MOST_BYTES / 1e6:,.0f} MB are read.",
            "Write fewer rows into one file.",
        )
    for name in used:
        if not _is_plain(schema.field(name).type):
            raise refused(
                f"The column {name} holds {schema.field(name).type}.",
                "Write texts, times or numbers.", name,
            )  # fmt: skip
    table.header = used
    for line, cells in enumerate(_rows(file, used), start=1):
        add_row(table, line, [text_of(one, options.time_format, options.missing) for one in cells])
    return table


def _size(about: Any, used: Collection[str]) -> int:
    groups = [about.row_group(n) for n in range(about.num_row_groups)]
    columns = [group.column(n) for group in groups for n in range(group.num_columns)]
    return sum(
        max(column.total_uncompressed_size, 0)
        for column in columns
        if column.path_in_schema in used
    )


def _is_plain(kind: Any) -> bool:
    from pyarrow import types

    if types.is_dictionary(kind):
        kind = kind.value_type
    tests = (
        types.is_string, types.is_large_string, types.is_integer, types.is_floating,
        types.is_timestamp, types.is_date, types.is_decimal, types.is_boolean, types.is_null,
    )  # fmt: skip
    return any(test(kind) for test in tests)


def _rows(file: Any, used: list[str]) -> Iterator[tuple[Any, ...]]:
    import pyarrow as arrow

    for batch in file.iter_batches(batch_size=BATCH, columns=used, use_threads=False):
        columns = []
        for name in used:
            column = batch.column(batch.schema.get_field_index(name))
            if arrow.types.is_timestamp(column.type):  # Python's times have no nanoseconds
                column = column.cast(arrow.timestamp("s", column.type.tz), safe=False)
            columns.append(column.to_pylist())
        yield from zip(*columns, strict=True)
