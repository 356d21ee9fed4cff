"""Tools: trusted documents with a name, a description and a schema of their arguments."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from graphql import GraphQLSchema, OperationDefinitionNode, OperationType

from engine.errors import DocumentTooLarge
from engine.request.document import Document
from engine.request.document_cache import DocumentCache
from server.caching.trusted_documents import TrustedDocument, TrustedDocuments
from server.mcp.json_schema import UnsupportedVariable, build_variables_schema

log = structlog.get_logger()

# Of the definitions of all tools: fewer than 3,000 tokens, of which JSON has about one for each four bytes.
MAX_LIST_BYTES = 10_000
# Longer names are rejected by the programming interfaces of language models.
_MAX_NAME_LENGTH = 64


class ToolError(Exception):
    """A document cannot be a tool. The message is a sentence."""


@dataclass(frozen=True, slots=True)
class Tool:
    """`definition`: as in `tools/list`. `is_mutation`: it changes something."""

    name: str
    document_id: str
    definition: Mapping[str, Any]
    is_mutation: bool

    @property
    def argument_names(self) -> frozenset[str]:
        return frozenset(self.definition["inputSchema"].get("properties", ()))


@dataclass(frozen=True, slots=True)
class ToolList:
    """`encoded`: the definitions as a JSON array."""

    by_name: Mapping[str, Tool]
    encoded: bytes


def build_tool(schema: GraphQLSchema, document_id: str, document: Document) -> Tool:
    """Raises ToolError."""
    [operation] = [node for node in document.ast.definitions if isinstance(node, OperationDefinitionNode)]
    name = "" if operation.name is None else operation.name.value
    if operation.operation is OperationType.SUBSCRIPTION:
        raise ToolError(f"{name} is a subscription, which cannot be a tool.")
    if len(name) > _MAX_NAME_LENGTH:
        raise ToolError(f"{name} has more than {_MAX_NAME_LENGTH} characters, which the name of a tool may have.")
    description = "" if operation.description is None else " ".join(operation.description.value.split())
    if not description:
        raise ToolError(f"{name} has no description, which agents need to choose a tool.")
    try:
        arguments = build_variables_schema(schema, operation.variable_definitions or ())
    except UnsupportedVariable as error:
        raise ToolError(str(error)) from None
    is_mutation = operation.operation is OperationType.MUTATION
    definition = {
        "name": name,
        "description": description,
        "inputSchema": arguments,
        "annotations": {"readOnlyHint": not is_mutation, "openWorldHint": False},
    }
    return Tool(name, document_id, definition, is_mutation)


def build_list(tools: Iterable[Tool]) -> ToolList:
    """The tools in the order of their names; of several with one name, the first.

    Raises ToolError beyond the limit of bytes.
    """
    by_name: dict[str, Tool] = {}
    for tool in tools:
        by_name.setdefault(tool.name, tool)
    encoded = orjson.dumps([by_name[name].definition for name in sorted(by_name)])
    if len(encoded) > MAX_LIST_BYTES:
        raise ToolError(
            f"The definitions of {len(by_name)} tools have {len(encoded)} bytes; the limit is {MAX_LIST_BYTES}. "
            "Shorten descriptions, or use fewer tools."
        )
    return ToolList(by_name, encoded)


class Tools:
    """The tools of a process, built when its trusted documents have changed."""

    def __init__(self, schema: GraphQLSchema, documents: DocumentCache) -> None:
        self._schema = schema
        self._documents = documents
        self._source: list[TrustedDocument] | None = None
        self._current = build_list(())
        self._lock = asyncio.Lock()

    async def current(self, trusted: TrustedDocuments) -> ToolList:
        if self._source is not trusted.tools:
            async with self._lock:
                source = trusted.tools
                if self._source is not source:
                    self._current = await self._build(trusted, source)
                    self._source = source
        return self._current

    async def _build(self, trusted: TrustedDocuments, source: list[TrustedDocument]) -> ToolList:
        """Omit, and log, documents that are no tools in this version of the server, and those beyond the limit."""
        tools: list[Tool] = []
        built = build_list(())
        for one in source:
            try:
                document = trusted.compiled(one) or await self._documents.read(one.text)
                if document.errors:
                    raise ToolError(document.errors[0].message)
                tool = build_tool(self._schema, one.id, document)
            except (ToolError, DocumentTooLarge) as error:
                log.error("tool omitted", id=one.id, reason=str(error))
                continue
            try:
                built = build_list([*tools, tool])
            except ToolError as error:
                log.error("tools omitted", first=tool.name, reason=str(error))
                break
            tools.append(tool)
        return built
