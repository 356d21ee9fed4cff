"""Every inflected form finds its word. `make test` tries a fixed sample, `make fuzz` all of them, below HTTP."""

import os

import pytest

from db.core.database import Database
from db.core.keyset import page_parameters
from db.queries.search import paged_search_results, search_values
from db.queries.vocabulary import VocabularyFilter
from domain.pages import page_arguments
from tests.resolvers.search.forms import CLASSES, forms_of, sample

SAMPLE = 2_000
MIN_FORMS = 100_000
BATCH = 500

pytestmark = pytest.mark.timeout(0 if "FUZZ_SEED" in os.environ else 300)


async def test_forms_find_their_words(database: Database) -> None:
    async with database.connection() as connection:
        words = await connection.fetch(
            "select word, reading, inflection from vocabulary where jlpt_level is not null and inflection <> 0"
            " order by popularity desc, id"
        )
    every = list(forms_of(words))
    assert len(every) >= MIN_FORMS
    forms = every if "FUZZ_SEED" in os.environ else sample(every, SAMPLE)
    assert len(forms) >= SAMPLE
    assert {form.kind for form in forms} == {form.kind for form in every}
    assert {form.kind[0] for form in forms} == set(CLASSES)

    filter = VocabularyFilter()
    paged, arguments = paged_search_results(filter), page_arguments(20)
    query = paged.page(arguments)
    parameters = {**filter.parameters(), "viewer_id": None, **page_parameters(paged.ordering, arguments)}
    missing = []
    for start in range(0, len(forms), BATCH):
        # A connection is leased for a batch only, so that others get one.
        async with database.connection() as connection:
            for form in forms[start : start + BATCH]:
                values = query.arguments({**parameters, **search_values(form.query)})
                rows = await connection.fetch(query.sql, *values)
                if form.word not in [row["word"] for row in rows[:20]]:
                    missing.append((form.query, form.word, [row["word"] for row in rows[:5]]))
    assert not missing, f"{len(missing)} of {len(forms)}: {missing[:50]}"
