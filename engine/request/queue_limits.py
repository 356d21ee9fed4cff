"""Limits of the queue of documents, without graphql-core: settings import them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """The maximum number of waiting jobs: in total, and per client."""

    total: int = 64
    per_client: int = 16


DEFAULT_QUEUE_LIMITS = QueueLimits()
