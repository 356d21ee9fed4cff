"""A parsed and validated document, or a rejected one."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    GraphQLError,
    Source,
)

from common.lru_cache import bytes_of
from engine.coordinates import coordinate_of, with_coordinate
from engine.footprint import Footprint
from engine.request.prepared_operation import PreparedOperation
from engine.request.used_parts import UsedParts

# Memory of a document, and of each token, operation and error; measured by tests/engine/test_footprint.py.
_DOCUMENT_BYTES = 8_000
_REFUSED_BYTES = 2_000
_TOKEN_BYTES = 250
_OPERATION_BYTES = 600
_ERROR_BYTES = 1_500
_POSITION_BYTES = 150
# Of a coordinate, whose string all documents share.
_COORDINATE_BYTES = 8


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed and validated document, or the errors for which it is rejected.

    `used`: what it uses of the schema. `deprecated`: coordinates of deprecated parts among these. `footprint`: of all
    of it, plans included.
    """

    ast: DocumentNode
    errors: tuple[GraphQLError, ...] = ()
    used: UsedParts = field(default_factory=UsedParts)
    deprecated: tuple[str, ...] = ()
    operations: dict[str | None, PreparedOperation] = field(default_factory=dict)
    footprint: Footprint = field(default_factory=Footprint)


def reject(text: str, errors: Sequence[GraphQLError]) -> Document:
    """A rejected document. It has no AST, because errors only need positions; they are copied, because a raised error
    references the frames of the parser.
    """
    source, footprint = Source(text), Footprint()
    slim = [_without_nodes(error, source) for error in errors]
    footprint.add(_REFUSED_BYTES + bytes_of(text))
    for error in slim:
        strings = 2 * bytes_of(error.message) + bytes_of(coordinate_of(error))
        footprint.add(_ERROR_BYTES + strings + _POSITION_BYTES * len(error.positions or ()))
    return Document(DocumentNode(), tuple(slim), footprint=footprint)


def _without_nodes(error: GraphQLError, source: Source) -> GraphQLError:
    slim = GraphQLError(error.message, None, source, error.positions, extensions=error.extensions)
    return with_coordinate(slim, coordinate_of(error))


def charge_document(footprint: Footprint, text: str, tokens: int, operations: int, used: UsedParts) -> None:
    """Add the memory of an accepted document without its plans."""
    # Twice the text: names and values are copies of its parts.
    footprint.add(
        _DOCUMENT_BYTES
        + _TOKEN_BYTES * tokens
        + _OPERATION_BYTES * operations
        + 2 * bytes_of(text)
        + _COORDINATE_BYTES * len(used.coordinates)
    )
