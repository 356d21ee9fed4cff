"""Caches documents, parsed and validated, with the plans of their operations."""

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
)

from common.executors import DOCUMENTS, run_in
from common.lru_cache import LRUCache
from common.tracing.span_types import DOCUMENT, PARSE, VALIDATE
from common.tracing.trace import span
from engine.caching.policy import CachePolicies
from engine.errors import DocumentTooLarge, ErrorCode, Limit, with_code
from engine.footprint import Footprint
from engine.plan.planner import MAX_FIELDS
from engine.request.deprecation import deprecations
from engine.request.document import Document, charge_document, reject
from engine.request.document_coordinates import locate_in_document
from engine.request.fair_queue import FairQueue
from engine.request.field_costs import FieldCosts
from engine.request.literal_checks import check_literals
from engine.request.prepared_operation import PreparedOperation
from engine.request.queue_limits import DEFAULT_QUEUE_LIMITS, QueueLimits
from engine.request.suggestions import patch_suggestions
from engine.request.syntax_trees import compact, discard, parse_tree
from engine.request.used_parts import used_parts
from engine.request.validation import Validator

# Up to this length, reading takes a few milliseconds. A thread delays the event loop by 5 ms (the switch interval).
MAX_LENGTH_IN_LOOP = 1_000
# The text, and whether introspection is allowed.
_Key = tuple[str, bool]
# graphql-core suggests some names although suggestions are hidden.
_SUGGESTION = re.compile(r" Did you mean [^?]*\?$")


class DocumentCache:
    """An LRU cache of documents, bounded by number and by bytes of their ASTs and plans.

    `costs`: of fields. `policies`: which fields are cached. `max_waiting`: for the thread that reads long documents.
    `allow_null_characters`: in strings of documents and variables.
    """

    def __init__(
        self,
        costs: FieldCosts,
        policies: CachePolicies | None = None,
        *,
        max_tokens: int,
        max_waiting: QueueLimits = DEFAULT_QUEUE_LIMITS,
        max_text_bytes: int = 64 * 1024,
        max_steps: int = 50_000,
        max_fields: int = MAX_FIELDS,
        max_entries: int = 1_000,
        max_bytes: int = 16 * 1024 * 1024,
        allow_null_characters: bool = True,
    ) -> None:
        patch_suggestions()
        self._schema = costs.schema
        self.deprecations = deprecations(costs.schema)
        self.allow_null_characters = allow_null_characters
        self.costs = costs
        self._policies = policies
        self._max_tokens = max_tokens
        self._max_text_bytes = max_text_bytes
        self._max_fields = max_fields
        self._validator = Validator(costs.schema, max_steps)
        self._queue: FairQueue[_Key, Document] = FairQueue("new documents", max_waiting)
        # The number of documents read, by where.
        self.counts: Counter[str] = Counter()
        self._documents: LRUCache[_Key, Document] = LRUCache(
            max_bytes,
            lambda _, document: document.footprint.bytes,
            max_entries=max_entries,
        )

    def __len__(self) -> int:
        return len(self._documents)

    @property
    def waiting(self) -> int:
        """The number of documents that are read in the thread, or wait for it."""
        return len(self._queue)

    @property
    def refused(self) -> Mapping[str, int]:
        """The number of documents rejected because the queue was full, by limit."""
        return self._queue.refused

    @property
    def bytes(self) -> int:
        return self._documents.bytes

    def get(self, text: str, *, introspection: bool) -> Document:
        """The parsed document. Without introspection, errors do not suggest names. Raises DocumentTooLarge."""
        key = text, introspection
        document = self._documents.get(key)
        if document is None:
            self._check_length(text)
            document = self._store(key, self._read(text, introspection=introspection))
        return document

    async def load(
        self, text: str, *, introspection: bool, admit: Callable[[], Awaitable[str]] | None = None
    ) -> Document:
        """Like `get`, but reads new long documents in a thread: once for all clients that request them, and round robin
        between clients.

        `admit`: awaited before a document is read; returns the client. Raises its exceptions, and TooManyPendingJobs or
        QueueFull if too many documents are queued.
        """
        key = text, introspection
        document = self._documents.get(key)
        if document is not None:
            return document
        self._check_length(text)
        with span(DOCUMENT, "new document"):
            return await self._load_new(key, admit)

    async def _load_new(self, key: _Key, admit: Callable[[], Awaitable[str]] | None) -> Document:
        text, introspection = key
        client = ""
        if admit is not None:
            client = await admit()
            document = self._documents.get(key)
            if document is not None:
                return document
        if len(text) <= MAX_LENGTH_IN_LOOP:
            self.counts["event loop"] += 1
            return self._store(key, self._read(text, introspection=introspection))
        # Not cancelled with its client: others may wait for it, or the client retries.
        return await self._queue.run(client, key, partial(self._read_outside, key, text, introspection))

    async def read(self, text: str) -> Document:
        """Read a document, in the thread, that the caller keeps instead of the cache. It may not use introspection.

        Raises DocumentTooLarge.
        """
        self._check_length(text)
        return await run_in(DOCUMENTS, self._read, text, introspection=False)

    async def _read_outside(self, key: _Key, text: str, introspection: bool) -> Document:
        self.counts["thread"] += 1
        return self._store(key, await run_in(DOCUMENTS, self._read, text, introspection=introspection))

    def _check_length(self, text: str) -> None:
        """Checks the length of a new document. Raises DocumentTooLarge."""
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > self._max_text_bytes:
            raise DocumentTooLarge(
                f"Document of {size} bytes exceeds the limit of {self._max_text_bytes}.",
                limit=Limit.DOCUMENT_BYTES.value,
            )

    def _store(self, key: _Key, document: Document) -> Document:
        self._documents[key] = document
        document.footprint.on_change = partial(self._documents.resize, key)
        return document

    def _read(self, text: str, *, introspection: bool) -> Document:
        try:
            with span(PARSE, "parse"):
                tree, tokens = parse_tree(text, self._max_tokens)
        except GraphQLSyntaxError as error:
            limit = Limit.TOKENS if error.message.endswith("tokens. Parsing aborted.") else None
            return reject(text, [with_code(error, ErrorCode.GRAPHQL_PARSE_FAILED, limit)])
        except RecursionError:
            deep = GraphQLError("Document is nested too deeply.")
            return reject(text, [with_code(deep, ErrorCode.GRAPHQL_PARSE_FAILED)])
        errors = check_literals(text, tree, allow_null_characters=self.allow_null_characters)
        if not errors:
            with span(VALIDATE, "validate"):
                errors = self._validator.errors(tree, introspection=introspection)
            if not introspection:
                for found_error in errors:
                    found_error.message = _SUGGESTION.sub("", found_error.message)
        if errors:
            locate_in_document(self._schema, tree, errors)
            refused = reject(text, errors)
            discard(tree)
            return refused
        compact(tree)
        footprint = Footprint()
        used = used_parts(self._schema, tree)
        deprecated = tuple([name for name in used.coordinates if name in self.deprecations])
        operations = self._prepare_operations(tree, footprint, hide_suggestions=not introspection)
        charge_document(footprint, text, tokens, len(operations), used)
        return Document(tree, (), used, deprecated, operations, footprint)

    def _prepare_operations(
        self, tree: DocumentNode, footprint: Footprint, *, hide_suggestions: bool
    ) -> dict[str | None, PreparedOperation]:
        fragments = {
            definition.name.value: definition
            for definition in tree.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        prepared = (
            PreparedOperation(
                self._schema,
                fragments,
                definition,
                self.costs,
                self._policies,
                footprint,
                hide_suggestions=hide_suggestions,
                max_fields=self._max_fields,
            )
            for definition in tree.definitions
            if isinstance(definition, OperationDefinitionNode)
        )
        return {operation.name: operation for operation in prepared}
