"""Encodes response bodies as JSON within a limit of bytes."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import orjson
from graphql import ExecutionResult, GraphQLError

from engine.budget import ResultLimits
from engine.errors import Limit, ResponseTooLarge
from engine.run.encoding import encode, too_large
from server.error_format import format_errors

# Errors that are formatted before other tasks get a turn.
_ERRORS_PER_TURN = 200
# Bytes reserved for the error of an omitted field.
_ERROR_BYTES = 500


class Body(NamedTuple):
    """An encoded response body and the errors in it."""

    encoded: bytes
    errors: Sequence[dict[str, Any]] = ()

    @classmethod
    def from_errors(cls, errors: Sequence[dict[str, Any]]) -> "Body":
        return cls(orjson.dumps({"errors": errors}), errors)

    def with_extensions(self, extensions: dict[str, Any]) -> "Body":
        """Return the body with `extensions` appended."""
        if not extensions:
            return self
        return self._replace(encoded=b'%b,"extensions":%b}' % (self.encoded[:-1], orjson.dumps(extensions)))


async def encode_body(
    result: ExecutionResult, limits: ResultLimits, request_id: str, *, is_mutation: bool = False
) -> Body:
    """Encode `errors`, which come first so that people see them, and `data`.

    Raises ResponseTooLarge. Since a mutation has already taken effect, its response contains the root fields that fit.
    """
    errors = await _format_errors(result.errors, request_id) if result.errors else []
    body = {"errors": errors, "data": result.data} if errors else {"data": result.data}
    # Results of graphql-core have no counts.
    value_count, byte_count = getattr(result, "values", sys.maxsize), getattr(result, "bytes", sys.maxsize)
    try:
        return Body(await encode(body, limits, value_count=value_count, byte_count=byte_count), errors)
    except ResponseTooLarge:
        if not is_mutation or result.data is None:
            raise
    return await _encode_fitting_fields(result.data, errors, limits, request_id)


async def _encode_fitting_fields(
    data: dict[str, Any], errors: list[dict[str, Any]], limits: ResultLimits, request_id: str
) -> Body:
    """Replace root fields that exceed the limit by null and an error."""
    remaining = limits.bytes - len(orjson.dumps(errors)) - _ERROR_BYTES * len(data)
    fitting: dict[str, orjson.Fragment | None] = {}
    for key, value in data.items():
        try:
            field_limits = replace(limits, bytes=max(remaining, 0))
            encoded = await encode(value, field_limits, value_count=sys.maxsize, byte_count=sys.maxsize)
        except ResponseTooLarge:
            fitting[key] = None
            error = ResponseTooLarge(
                f"Response exceeds the limit of {limits.bytes} bytes. The field was executed.",
                limit=Limit.RESPONSE_BYTES.value,
            )
            errors += format_errors([GraphQLError(error.message, path=[key], original_error=error)], request_id)
        else:
            fitting[key] = orjson.Fragment(encoded)
            remaining -= len(encoded)
    encoded = orjson.dumps({"errors": errors, "data": fitting})
    if len(encoded) > limits.bytes:
        raise too_large(limits.bytes)
    return Body(encoded, errors)


async def _format_errors(errors: Sequence[GraphQLError], request_id: str) -> list[dict[str, Any]]:
    formatted = format_errors(errors[:_ERRORS_PER_TURN], request_id)
    for start in range(_ERRORS_PER_TURN, len(errors), _ERRORS_PER_TURN):
        await asyncio.sleep(0)
        formatted += format_errors(errors[start : start + _ERRORS_PER_TURN], request_id)
    return formatted
