"""Resolvers of corrections of the dictionary."""

from dataclasses import dataclass

import orjson
import strawberry

from db.core.pagination import Page
from db.queries.corrections import CorrectionFilter, CorrectionRow, paged_corrections
from domain.pages import page_arguments
from resolvers.context import Info
from resolvers.loader_field import load_by_key


@dataclass(frozen=True, slots=True)
class CorrectedField:
    """A corrected value and that of the release, as JSON."""

    name: str
    release: str
    corrected: str


async def corrections(
    info: Info, first: int | None = None, after: str | None = None, filter: CorrectionFilter | None = None
) -> Page[CorrectionRow]:
    filter = filter or CorrectionFilter()
    return await info.context.reads.page(paged_corrections(filter), page_arguments(first, after), **filter.parameters())


vocabulary_corrections = load_by_key(lambda loaders: loaders.corrections.corrections_by_vocabulary_id)

kanji_corrections = load_by_key(lambda loaders: loaders.corrections.corrections_by_kanji_id)

vocabulary = load_by_key(
    lambda loaders: loaders.vocabulary.vocabulary_by_id,
    key="vocabulary_id",
    known=lambda loaders: loaders.vocabulary.known,
    is_shared=True,
)

kanji = load_by_key(lambda loaders: loaders.vocabulary.kanji_by_id, key="kanji_id")

author = load_by_key(lambda loaders: loaders.users.user_by_id, key="author_id")


def fields(parent: strawberry.Parent[CorrectionRow]) -> list[CorrectedField]:
    corrected, release = orjson.loads(parent.corrected), orjson.loads(parent.original)
    return [
        CorrectedField(name, orjson.dumps(release[name]).decode(), orjson.dumps(value).decode())
        for name, value in corrected.items()
    ]
