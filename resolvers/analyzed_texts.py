"""Resolvers of texts that were analysed by a job."""

from datetime import datetime
from typing import Any

import strawberry

from db.queries.analyzed_texts import AnalyzedTextRow
from domain.ids import AnalyzedTextId, parse_global_id_as
from domain.jobs import FINISHED_JOB_RETENTION
from resolvers.connections import nested_page_key
from resolvers.context import Info
from resolvers.loader_field import load_by_key

# The readings of text that has none of its own, as JSON.
_NO_RUBY = "[]"


def _text_id(parent: strawberry.Parent[Any], info: Info, id: strawberry.ID) -> AnalyzedTextId:
    return parse_global_id_as(AnalyzedTextId, id)


analyzed_text = load_by_key(lambda loaders: loaders.analyzed_texts.text_by_id, key=_text_id)


def expires_at(parent: strawberry.Parent[AnalyzedTextRow]) -> datetime:
    return parent.completed_at + FINISHED_JOB_RETENTION


parts = load_by_key(lambda loaders: loaders.analyzed_texts.parts_by_text_id, key=nested_page_key)


def _annotated_text(parent: strawberry.Parent[Any], info: Info) -> tuple[str, str]:
    return parent.text, _NO_RUBY


part_tokens = load_by_key(lambda loaders: loaders.texts.tokens_by_annotated_text, key=_annotated_text)
