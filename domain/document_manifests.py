"""Reads the manifests of documents that build tools of clients write.

Apollo's `generate-persisted-query-manifest` writes a list of operations; Relay's compiler, GraphQL Code Generator and
Hive's CLI use an object of documents by hash.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from common.text import hash_document, truncate
from domain.trusted_documents import DOCUMENT_ID, MAX_DOCUMENTS

# An id of this form names the document by its hash, as the draft of GraphQL over HTTP has it.
HASH_PREFIX = "sha256:"
APOLLO_FORMAT = "apollo-persisted-query-manifest"


class ManifestDocument(NamedTuple):
    """A document and the id by which clients request it."""

    id: str
    text: str


class ManifestError(Exception):
    """The file is no manifest. `problems`: one sentence each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read_manifest(data: bytes) -> list[ManifestDocument]:
    """Read all documents of a manifest, in its order. Raises ManifestError with all problems."""
    try:
        manifest = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise ManifestError(f"It is not valid JSON: {error}.") from None
    if not isinstance(manifest, dict):
        raise ManifestError("It is not an object.")
    pairs = list(_apollo_pairs(manifest) if "format" in manifest else manifest.items())
    if not pairs:
        raise ManifestError("It has no documents.")
    if len(pairs) > MAX_DOCUMENTS:
        raise ManifestError(f"It has {len(pairs)} documents; the limit is {MAX_DOCUMENTS}.")
    problems = [*_find_problems(pairs)]
    if problems:
        raise ManifestError(*problems)
    return [ManifestDocument(id, text) for id, text in pairs]


def _apollo_pairs(manifest: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    if manifest["format"] != APOLLO_FORMAT or manifest.get("version") != 1:
        found = truncate(f"{manifest['format']!r}, version {manifest.get('version')!r}")
        raise ManifestError(f"Its format is {found}; {APOLLO_FORMAT!r}, version 1 is supported.")
    operations = manifest.get("operations")
    if not isinstance(operations, list):
        raise ManifestError("`operations` is not a list.")
    for operation in operations:
        if not isinstance(operation, dict):
            raise ManifestError("`operations` has an item that is not an object.")
        yield operation.get("id"), operation.get("body")


def _find_problems(pairs: list[tuple[Any, Any]]) -> Iterator[str]:
    seen: set[str] = set()
    for id, text in pairs:
        name = truncate(f"{id!r}")
        if not isinstance(id, str) or not DOCUMENT_ID.fullmatch(id):
            yield f"{name} is not an id: it has 1 to 128 letters, digits, and `_`, `.`, `:`, `-`."
        elif not isinstance(text, str):
            yield f"{name}: its document is not a string."
        elif id in seen:
            yield f"{name} occurs twice."
        elif id.startswith(HASH_PREFIX) and id != HASH_PREFIX + hash_document(text):
            yield f"{name} is not the hash of its document."
        else:
            seen.add(id)
