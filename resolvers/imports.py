"""Resolvers of imports."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
import strawberry

from db.queries.import_words import ImportWordRow
from db.queries.imports import ImportRow
from db.queries.vocabulary import VocabularyRow
from domain.enums import ImportStatus
from domain.exports import FILE_LIFETIME
from domain.ids import VocabularyId, to_uuid
from domain.imports.analysis import ImportAnalysis
from domain.imports.report import ImportCounts
from domain.pages import MAX_PAGE_SIZE, page_arguments
from resolvers.connections import nested_page_key
from resolvers.context import Info
from resolvers.loader_field import load_by_key


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The numbers of an import, so far, and the link to its report."""

    counts: ImportCounts
    report_url: str | None


job = load_by_key(lambda loaders: loaders.jobs.job_by_id, key="job_id")


def analysis(parent: strawberry.Parent[ImportRow]) -> ImportAnalysis | None:
    return None if parent.analysis is None else ImportAnalysis.from_json(parent.analysis, parent.id)


def result(parent: strawberry.Parent[ImportRow], info: Info) -> ImportResult | None:
    if parent.mapping is None:
        return None
    url = None
    if parent.status == ImportStatus.DONE:
        path = f"/imports/{info.context.require_viewer().id}/{parent.id}/report.csv"
        url = info.context.services.export_links.link_to(path, info.context.now + FILE_LIFETIME)
    return ImportResult(ImportCounts.from_json(parent.counts), url)


async def first_ambiguous_words(parent: strawberry.Parent[ImportAnalysis], info: Info) -> Sequence[ImportWordRow]:
    assert parent.import_id is not None  # It was saved.
    page = await info.context.loaders.imports.words_by_import_id.load((parent.import_id, page_arguments(MAX_PAGE_SIZE)))
    return page.rows


ambiguous_words = load_by_key(lambda loaders: loaders.imports.words_by_import_id, key=nested_page_key)


def reading(parent: strawberry.Parent[ImportWordRow]) -> str | None:
    return parent.reading or None


async def candidates(parent: strawberry.Parent[ImportWordRow], info: Info) -> Sequence[VocabularyRow]:
    """Return the words that are still in the dictionary."""
    loader = info.context.loaders.vocabulary.vocabulary_by_id
    ids = (VocabularyId(to_uuid(id)) for id in orjson.loads(parent.candidates))
    found = await asyncio.gather(*map(loader.load, ids))
    return [word for word in found if word is not None]


choice = load_by_key(lambda loaders: loaders.vocabulary.vocabulary_by_id, key="chosen_id")
