"""Strings in every column of every export are escaped against formulas, and exported reviews can be imported."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Text

from db.queries.exports import _STATEMENTS
from domain.csv_formulas import FORMULA
from domain.enums import ExportFormat, ExportKind
from domain.exports import LINE_FORMATS
from tests.clients import Client
from tests.databases import column, execute
from tests.server.test_exports import export, get
from tests.streams import stream_server

SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
LEADING = ("", " ", "　", "'", '"', "\u200b", "\ufeff", " '\" ", "''")
TEXTS = [
    *(f"{leading}{sign}1+1" for sign in SIGNS for leading in LEADING),
    *SIGNS,
    # Not escaped.
    *(
        "言葉",
        "'言葉",
        '"',
        "'",
        "''",
        " 言葉",
        "1-1",
        "a=b",
        "",
        "あ＝い",
        "ー",
        "・",
        "\u200b",
        "a\r\n=1",
        'a"b,c',
    ),
]
# Columns with free text; other strings are from closed sets, or checked by a constraint.
WRITTEN = {
    "word": "vocabulary.word",
    "reading": "vocabulary.reading",
    "meanings": "vocabulary.meanings",
    "idempotencyKey": "reviews.idempotency_key",
    "email": "users.email",
    "displayName": "users.display_name",
    "context": "card_contexts.text",
    "tags": "card_tags.tag",
    "timeZone": "user_settings.time_zone",
}
CLOSED = {"jlptLevel", "state", "role", "scheduler", "kind", "subject"}


def test_every_free_text_column_is_tested() -> None:
    of_texts = {
        column.name
        for statement in _STATEMENTS.values()
        for column in statement.subquery().c
        if isinstance(column.type, Text)
    }
    assert of_texts == {*WRITTEN, *CLOSED}


def decoded(text: str) -> str:
    """Undoes the documented escaping: removes the apostrophe before what would be a formula."""
    return text[1:] if text.startswith("'") and re.match(FORMULA, text[1:]) else text


def as_text(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


async def dangerous(url: str) -> None:
    """Stores each of the strings in some rows of all columns."""
    quoted = ", ".join("E'" + "".join(f"\\u{ord(character):04x}" for character in text) + "'" for text in TEXTS)
    for name in WRITTEN.values():
        table, column_name = name.split(".")
        chosen = f"(array[{quoted}])[1 + nth % {len(TEXTS)}]"
        # Keys have a number at the end to be unique.
        value = f"array[{chosen}]" if column_name == "meanings" else f"{chosen} || nth"
        await execute(
            url,
            f"update {table} set {column_name} = {value} from (select ctid as place, tableoid as part,"
            f" row_number() over () as nth from {table}) as numbered where ctid = place and {table}.tableoid = part",
        )


def pairs(exported: str, lines: str) -> Iterator[tuple[str, str, Any]]:
    rows = list(csv.DictReader(io.StringIO(exported, newline="")))
    objects = [json.loads(line) for line in lines.split("\n")[:-1]]
    assert rows
    assert len(rows) == len(objects)
    for row, found in zip(rows, objects, strict=True):
        assert list(row) == list(found)
        for name, value in found.items():
            yield name, row[name], value


@pytest.mark.parametrize("kind", ExportKind)
async def test_formulas_are_escaped_and_values_preserved(
    writable_database_url: str, redis_url: str, kind: ExportKind
) -> None:
    await dangerous(writable_database_url)
    user = "admin" if kind is ExportKind.LEARNERS else "demo"
    async with stream_server(writable_database_url, redis_url) as server:
        name = kind.value.lower()
        exported = (await get(server.client, f"/exports/{name}.csv", user=user)).text
        lines = (await get(server.client, f"/exports/{name}.jsonl", user=user)).text
    seen = set()
    for column_name, cell, value in pairs(exported, lines):
        seen.add(column_name)
        if isinstance(value, str):
            # A leading apostrophe makes it a string.
            assert cell.startswith("'") or not re.match(FORMULA, cell), (column_name, cell)
            assert decoded(cell) == value, column_name
        elif isinstance(value, float | int) and not isinstance(value, bool):
            # Numbers are not escaped, also negative ones.
            assert float(cell) == value
        else:
            assert cell == as_text(value)
    assert seen == {column.name for column in _STATEMENTS[kind].subquery().c}


IMPORT = """
    mutation ($input: ReviewCardsInput!) { reviewCards(input: $input) { results { duplicate error { code message } } } }
"""


@pytest.mark.parametrize("form", LINE_FORMATS)
async def test_exported_reviews_can_be_imported_again(
    writable_database_url: str, redis_url: str, form: ExportFormat
) -> None:
    """The import adds nothing to the same account, and everything to an empty log of the same cards."""
    counted = "select count(*) from reviews join users on users.id = user_id where subject = 'demo'"
    async with stream_server(writable_database_url, redis_url) as server:
        text = (await get(server.client, f"/exports/reviews.{form.value.lower()}")).text
        reviews = list(_reviews(text, form))
        [before] = await column(writable_database_url, counted)
        assert len(reviews) == before
        assert all(one["duplicate"] and not one["error"] for one in await _save(server.client, reviews))
        assert await column(writable_database_url, counted) == [before]
        await execute(writable_database_url, "truncate reviews, review_keys, review_days")
        assert all(not one["duplicate"] and not one["error"] for one in await _save(server.client, reviews))
        assert await column(writable_database_url, counted) == [before]


def _reviews(text: str, form: ExportFormat) -> Iterator[dict[str, Any]]:
    if form is ExportFormat.JSONL:
        rows: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]
    else:
        rows = [
            {name: decoded(value) if value else None for name, value in row.items()}
            for row in csv.DictReader(io.StringIO(text, newline=""))
        ]
    for row in rows:
        yield {
            "cardId": row["cardId"],
            "quality": int(row["quality"]),
            "reviewedAt": row["reviewedAt"],
            "durationMs": None if row["durationMs"] is None else int(row["durationMs"]),
            "idempotencyKey": row["idempotencyKey"],
        }


async def _save(client: Client, reviews: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for start in range(0, len(reviews), 1_000):
        batch = {"input": {"reviews": reviews[start : start + 1_000]}}
        found += (await client.run(IMPORT, batch, user="demo")).data["reviewCards"]["results"]
    return found


async def test_file_of_a_job_has_a_byte_order_mark_on_request(
    writable_database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with stream_server(writable_database_url, redis_url, export_dir=tmp_path) as server:
        for form in LINE_FORMATS:
            link = (await export(server, writable_database_url, tmp_path, kind="CARDS", format=form.value))["url"]
            for coding in ("identity", "gzip"):
                headers = {"Accept-Encoding": coding}
                plain, marked = [
                    (await server.client.http.get(address, headers=headers)).content
                    for address in (link, f"{link}&bom=1")
                ]
                assert marked == ("\ufeff".encode() if form is ExportFormat.CSV else b"") + plain
