"""Resolvers of imports."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import strawberry

from db.queries.imports import ImportRow
from db.queries.vocabulary import VocabularyRow
from domain.enums import ImportStatus
from domain.exports import FILE_LIFETIME
from domain.imports.analysis import AmbiguousWord, ImportAnalysis
from domain.imports.report import ImportCounts
from resolvers.context import Info
from resolvers.loader_field import load_by_key


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The numbers of an import, so far, and the link to its report."""

    counts: ImportCounts
    report_url: str | None


job = load_by_key(lambda loaders: loaders.jobs.job_by_id, key="job_id")


def analysis(parent: strawberry.Parent[ImportRow]) -> ImportAnalysis | None:
    return None if parent.analysis is None else ImportAnalysis.from_json(parent.analysis)


def result(parent: strawberry.Parent[ImportRow], info: Info) -> ImportResult | None:
    if parent.mapping is None:
        return None
    url = None
    if parent.status == ImportStatus.DONE:
        path = f"/imports/{info.context.require_viewer().id}/{parent.id}/report.csv"
        url = info.context.services.export_links.link_to(path, info.context.now + FILE_LIFETIME)
    return ImportResult(ImportCounts.from_json(parent.counts), url)


async def candidates(parent: strawberry.Parent[AmbiguousWord], info: Info) -> Sequence[VocabularyRow]:
    """Return the words that are still in the dictionary."""
    loader = info.context.loaders.vocabulary.vocabulary_by_id
    found = await asyncio.gather(*map(loader.load, parent.candidates))
    return [word for word in found if word is not None]
