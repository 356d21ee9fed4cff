"""Every inflected form finds its word, below HTTP.

`make test` tries a fixed sample, `make fuzz` all forms of one step, and two steps of other words with each seed.
"""

import asyncio
import os
import re
from collections.abc import Sequence
from itertools import product

import asyncpg
import pytest

from common.batches import batches
from db.core.database import owner_connection
from db.queries.search import search_values
from db.queries.search_matches import MATCHES, PARAMETERS
from tests.resolvers.search.forms import CLASSES, SCRIPTS, Form, forms_of, sample, two_step_forms

SAMPLE = 2_000
MIN_FORMS = 400_000
BATCH = 2_000
CONNECTIONS = 2
# The statement of the search, for each row of a table with its parameters: a statement for each form takes an hour.
MATCHES_OF_ROW = re.sub(r"(?<!:):([a-z_]+)", r'queries."\1"', MATCHES)
FIRST_PAGES = f"""
    select (
        select array_agg(word order by score desc, id desc)
        from (
            select * from ({MATCHES_OF_ROW}) as matches
            order by score desc, id desc limit 20
        ) as page
    ) as words
    from queries order by number
"""
COLUMNS = {name: "real[]" if "weight" in name else "text[]" for name in PARAMETERS} | {"classes": "integer[]"}

pytestmark = pytest.mark.timeout(0 if "FUZZ_SEED" in os.environ else 300)


async def test_forms_find_their_words(content_database_url: str) -> None:
    async with owner_connection(content_database_url) as connection:
        words = await connection.fetch(
            "select word, reading, inflection from vocabulary where jlpt_level is not null and inflection <> 0"
            " order by popularity desc, id"
        )
    one_step = forms_of(words)
    assert len(one_step) >= MIN_FORMS
    if seed := os.environ.get("FUZZ_SEED"):
        forms = [*one_step, *two_step_forms(words, int(seed))]
    else:
        forms = sample(one_step, two_step_forms(words, 0, every=20), SAMPLE)
    assert len(forms) >= SAMPLE
    assert {(form.word_class, form.place) for form in one_step} <= {(form.word_class, form.place) for form in forms}
    assert {(form.word_class, form.depth) for form in forms} == set(product(CLASSES, (0, 1)))
    assert {(form.depth, form.script) for form in forms} == set(product((0, 1), SCRIPTS))

    # The keys of one batch are computed while PostgreSQL searches for those of another.
    results = await asyncio.gather(
        *(_missing(content_database_url, forms[start::CONNECTIONS]) for start in range(CONNECTIONS))
    )
    missing = [form for result in results for form in result]
    assert not missing, f"{len(missing)} of {len(forms)}: {missing[:50]}"


async def _missing(url: str, forms: Sequence[Form]) -> list[tuple[str, str, list[str]]]:
    """Return the forms that do not have their word on the first page, with the word and the first results."""
    missing = []
    async with owner_connection(url) as connection:
        columns = ", ".join(f'"{name}" {type_}' for name, type_ in COLUMNS.items())
        await connection.execute(f"set jit = off; create temporary table queries (number integer, {columns})")
        for batch in batches(forms, BATCH):
            pages = await _first_pages(connection, [form.query for form in batch])
            for form, page in zip(batch, pages, strict=True):
                if form.word not in page:
                    missing.append((form.query, form.word, page[:5]))
    return missing


async def _first_pages(connection: asyncpg.Connection, queries: Sequence[str]) -> list[list[str]]:
    records = []
    for number, query in enumerate(queries):
        values = search_values(query)
        records.append((number, *(values[name] for name in COLUMNS)))
    await connection.execute("truncate queries")
    await connection.copy_records_to_table("queries", columns=["number", *COLUMNS], records=records)
    return [row["words"] or [] for row in await connection.fetch(FIRST_PAGES)]
