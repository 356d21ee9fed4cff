"""Parses GraphQL requests with files: the GraphQL multipart request specification
(https://github.com/jaydenseric/graphql-multipart-request-spec)."""

import re
from collections.abc import Mapping
from email.message import Message
from typing import Any, NamedTuple

import orjson
from starlette.requests import Request

from common.text import truncate
from domain.errors import ErrorCode
from domain.uploads import MAX_FILE_NAME_LENGTH, UploadedFile
from server.http.origins import Origins, is_preflighted
from server.http.request import GraphQLRequest, HTTPError, validate_parameters

MAX_FILES = 10
_MAX_HEADER_BYTES = 4_096
_MAX_PARAMETERS = 20
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{1,70}")
_UNUSABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class _Part(NamedTuple):
    name: str
    file_name: str | None
    content: bytes


def parse_multipart(request: Request, body: bytes, origins: Origins) -> GraphQLRequest:
    """Parse the body of a POST. Files are the values of variables of the type Upload.

    Raises HTTPError, also for a request that a page of another site can send without a preflight.
    """
    headers = request.headers
    if not is_preflighted(headers) and not origins.is_trusted(request.scope.get("scheme", "http"), headers):
        raise HTTPError(
            "Cross-site requests with files are blocked (CSRF). Send the header GraphQL-Require-Preflight: 1.",
            403,
            ErrorCode.FORBIDDEN,
        )
    parts: dict[str, _Part] = {}
    for part in _parts(body, _boundary(headers.get("content-type", ""))):
        if part.name in parts:
            raise HTTPError(f"The form has several parts {truncate(part.name)!r}.")
        parts[part.name] = part
    operations, files = _json(parts, "operations"), _json(parts, "map")
    if isinstance(operations, list):
        raise HTTPError("Batched requests are not supported.")
    if not isinstance(operations, dict) or not isinstance(files, dict):
        raise HTTPError("`operations` and `map` must be JSON objects.")
    if len(files) > MAX_FILES:
        raise HTTPError(f"`map` has {len(files)} files; the maximum is {MAX_FILES}.")
    for name, paths in files.items():
        found = parts.get(name)
        if found is None or found.file_name is None:
            raise HTTPError(f"The form has no file {truncate(name)!r}.")
        if not isinstance(paths, list) or len(paths) != 1 or not isinstance(paths[0], str):
            raise HTTPError(f"`map` must have one path for the file {truncate(name)!r}.")
        _place(operations, paths[0], UploadedFile(found.file_name, found.content))
    return validate_parameters(operations)


def _boundary(content_type: str) -> bytes:
    boundary = _parameter(content_type, "boundary")
    if not isinstance(boundary, str) or not _BOUNDARY.fullmatch(boundary):
        raise HTTPError("Content-Type has no valid boundary.")
    return boundary.encode()


def _parameter(header: str, name: str) -> str | tuple[str | None, str | None, str] | None:
    """Return a parameter of the value of a header; a tuple if it is encoded as in RFC 2231, None if it is missing."""
    # The parser's time grows with the square of both.
    if len(header) > _MAX_HEADER_BYTES or header.count(";") > _MAX_PARAMETERS:
        raise HTTPError(f"A header has more than {_MAX_PARAMETERS} parameters, or is too long.")
    message = Message()
    message["content-type"] = header
    found: str | tuple[str | None, str | None, str] | None = message.get_param(name)
    return found


def _parts(body: bytes, boundary: bytes) -> list[_Part]:
    """Return the parts of a form (RFC 7578)."""
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary, MAX_FILES + 4)
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise HTTPError(f"The form is not complete, or has more than {MAX_FILES} files.")
    found = []
    for piece in pieces[1:-1]:
        head, separator, content = piece.partition(b"\r\n\r\n")
        if not separator or len(head) > _MAX_HEADER_BYTES:
            raise HTTPError("A part of the form has no headers, or too long ones.")
        found.append(_part(head, content))
    return found


def _part(head: bytes, content: bytes) -> _Part:
    disposition = ""
    for line in head.decode("utf-8", "replace").split("\r\n"):
        header, _, value = line.partition(":")
        if header.strip().lower() == "content-disposition":
            disposition = value.strip()
    name = _parameter(disposition, "name")
    if not isinstance(name, str) or not name:
        raise HTTPError("A part of the form has no name.")
    given = _parameter(disposition, "filename")
    text = given[2] if isinstance(given, tuple) else given
    if text is not None:
        # The only character of names that forms escape (https://html.spec.whatwg.org/#multipart-form-data).
        text = text.replace("%22", '"')
    file_name = None if text is None else _UNUSABLE.sub("", text).strip()[-MAX_FILE_NAME_LENGTH:] or "file"
    return _Part(name, file_name, content)


def _json(parts: Mapping[str, _Part], name: str) -> Any:
    if name not in parts:
        raise HTTPError(f"The form has no part `{name}`.")
    try:
        return orjson.loads(parts[name].content)
    except orjson.JSONDecodeError:
        raise HTTPError(f"`{name}` is not valid JSON encoded in UTF-8.") from None


def _place(operations: dict[str, Any], path: str, file: UploadedFile) -> None:
    """Replace the null at the path, such as `variables.input.csv.file`, by the file."""
    target: Any = operations
    *inner, last = path.split(".")
    try:
        if not inner or inner[0] != "variables":
            raise KeyError
        for key in inner:
            target = target[int(key)] if isinstance(target, list) else target[key]
        key_of_target: Any = int(last) if isinstance(target, list) else last
        if target[key_of_target] is not None:
            raise KeyError
        target[key_of_target] = file
    except (KeyError, IndexError, ValueError, TypeError):
        raise HTTPError(f"`map`: {truncate(path)!r} is no null in `variables`.") from None
