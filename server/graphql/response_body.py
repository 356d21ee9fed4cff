"""The body of an answer as JSON, with no more bytes than it may have."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from graphql import ExecutionResult, GraphQLError

from engine.errors import ResponseTooLarge
from engine.run.budget import ResultLimits
from engine.run.encoding import encode, too_large
from server.graphql.error_format import formatted

# So many errors are formatted at a stroke.
_ERRORS_AT_ONCE = 200
# What an error about a field that is left out adds to a body.
_ERROR_BYTES = 500


@dataclass(frozen=True, slots=True)
class Body:
    """`errors`: those that are in it, of which the first are read by people."""

    encoded: bytes
    errors: Sequence[dict[str, Any]] = ()

    @classmethod
    def of_errors(cls, errors: Sequence[dict[str, Any]]) -> "Body":
        return cls(orjson.dumps({"errors": errors}), errors)

    def extended(self, extensions: dict[str, Any]) -> "Body":
        """With its `extensions`."""
        if not extensions:
            return self
        return replace(self, encoded=b'%b,"extensions":%b}' % (self.encoded[:-1], orjson.dumps(extensions)))


async def encode_body(
    result: ExecutionResult, limits: ResultLimits, request_id: str, *, is_mutation: bool = False
) -> Body:
    """Errors first, so that a person sees them.

    Raises ResponseTooLarge. What a mutation has done is told all the same, as far as there is room for it.
    """
    errors = await _formatted(result.errors, request_id) if result.errors else []
    body = {"errors": errors, "data": result.data} if errors else {"data": result.data}
    # graphql-core does not count.
    value_count, byte_count = getattr(result, "values", sys.maxsize), getattr(result, "bytes", sys.maxsize)
    try:
        return Body(await encode(body, limits, value_count=value_count, byte_count=byte_count), errors)
    except ResponseTooLarge:
        if not is_mutation or result.data is None:
            raise
    return await _what_fits(result.data, errors, limits, request_id)


async def _what_fits(data: dict[str, Any], errors: list[dict[str, Any]], limits: ResultLimits, request_id: str) -> Body:
    """Null stands for a root field that is too long."""
    room = limits.bytes - len(orjson.dumps(errors)) - _ERROR_BYTES * len(data)
    fitting: dict[str, orjson.Fragment | None] = {}
    for key, value in data.items():
        try:
            rest = replace(limits, bytes=max(room, 0))
            encoded = await encode(value, rest, value_count=sys.maxsize, byte_count=sys.maxsize)
        except ResponseTooLarge:
            fitting[key] = None
            error = ResponseTooLarge(f"Response exceeds the limit of {limits.bytes} bytes. The field was executed.")
            errors += formatted([GraphQLError(error.message, path=[key], original_error=error)], request_id)
        else:
            fitting[key] = orjson.Fragment(encoded)
            room -= len(encoded)
    encoded = orjson.dumps({"errors": errors, "data": fitting})
    if len(encoded) > limits.bytes:
        raise too_large(limits.bytes)
    return Body(encoded, errors)


async def _formatted(errors: Sequence[GraphQLError], request_id: str) -> list[dict[str, Any]]:
    found = formatted(errors[:_ERRORS_AT_ONCE], request_id)
    for start in range(_ERRORS_AT_ONCE, len(errors), _ERRORS_AT_ONCE):
        await asyncio.sleep(0)
        found += formatted(errors[start : start + _ERRORS_AT_ONCE], request_id)
    return found
