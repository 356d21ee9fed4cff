"""The engine for the schema, with the limits of the settings."""

from engine.budget import ResultLimits, Turn
from engine.request.cost_analysis import Limits
from engine.request.document_cache import DocumentCache
from engine.request.operations import Operations
from engine.request.queue_limits import QueueLimits
from schema import schema
from schema.cache_control import CACHE_POLICIES
from schema.costs import COSTS
from server.settings import Settings


def build_operations(settings: Settings) -> Operations:
    return Operations(
        schema,
        build_documents(settings),
        build_limits(settings),
        ResultLimits(settings.max_result_values, settings.max_response_bytes, Turn()),
    )


def build_documents(settings: Settings) -> DocumentCache:
    return DocumentCache(
        COSTS,
        CACHE_POLICIES,
        max_tokens=settings.max_query_tokens,
        max_text_bytes=settings.max_query_bytes,
        max_steps=settings.max_query_merge_steps,
        max_fields=settings.max_query_fields,
        max_bytes=settings.document_cache_bytes,
        max_waiting=QueueLimits(settings.max_waiting_documents, settings.max_waiting_documents_per_client),
        # PostgreSQL cannot store null characters.
        allow_null_characters=False,
    )


def build_limits(settings: Settings) -> Limits:
    return Limits(settings.max_query_depth, settings.max_query_aliases, settings.max_query_cost)
