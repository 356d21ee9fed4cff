"""Validation takes a bounded number of calls, whatever a document within the limits consists of."""

import sys
from types import FrameType
from typing import Any

import pytest
from graphql import get_introspection_query

from engine.request.document import Document
from engine.request.document_cache import DocumentCache
from engine.request.validation import MAX_ERROR_CHARACTERS, MAX_ERRORS, MAX_MESSAGE_CHARACTERS
from schema.cache_control import CACHE_POLICIES
from schema.costs import COSTS
from server.settings import Settings
from tests.engine.hostile_documents import FAMILIES, hostile_document

DEFAULTS = {name: field.default for name, field in Settings.model_fields.items()}
TOKENS = 2_000
# Calls of functions, C functions included. graphql-core's rules make 100 to 250 calls per token, and ours at most as
# many again. Without bounds there are thousands.
MAX_CALLS = 500 * TOKENS


def documents() -> DocumentCache:
    return DocumentCache(
        COSTS,
        CACHE_POLICIES,
        max_tokens=DEFAULTS["max_query_tokens"],
        max_steps=DEFAULTS["max_query_merge_steps"],
    )


def read_counting_calls(text: str, *, introspection: bool) -> tuple[Document, int]:
    calls = 0

    def count(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal calls
        if event in ("call", "c_call"):
            calls += 1

    cold = documents()
    sys.setprofile(count)
    try:
        document = cold.get(text, introspection=introspection)
    finally:
        sys.setprofile(None)
    return document, calls


@pytest.mark.parametrize("family", FAMILIES)
def test_work_is_bounded(family: str) -> None:
    # Caches of the schema are filled first.
    documents().get(FAMILIES[family](2), introspection=True)
    # With suggestions, which takes more.
    document, calls = read_counting_calls(hostile_document(family, TOKENS), introspection=True)
    assert calls <= MAX_CALLS
    assert len(document.errors) <= MAX_ERRORS + 1
    messages = [error.message for error in document.errors]
    assert sum(map(len, messages)) <= MAX_ERROR_CHARACTERS + 2 * MAX_MESSAGE_CHARACTERS
    assert not any(len(message) > MAX_MESSAGE_CHARACTERS for message in messages)
    codes = {(error.extensions or {}).get("code") for error in document.errors}
    assert codes <= {"GRAPHQL_VALIDATION_FAILED", "OPERATION_TOO_COMPLEX"}


@pytest.mark.parametrize("family", ["colocated fragments", "same nested", "same in fragment", "many fragments"])
def test_many_overlapping_fields_are_valid(family: str) -> None:
    """Applications compose their documents of the fragments of their components."""
    assert documents().get(FAMILIES[family](200), introspection=False).errors == ()


def test_conflicts_are_found_after_pairs_are_exhausted() -> None:
    fields = "viewer { user { id } } " * 300
    text = f"{{ {fields} viewer {{ user {{ id: displayName }} }} }}"
    errors = documents().get(text, introspection=False).errors
    assert [(error.extensions or {})["code"] for error in errors] == ["GRAPHQL_VALIDATION_FAILED"]
    assert errors[0].message.startswith("Fields 'id' conflict because ")
    assert len(errors[0].locations or ()) == 2


@pytest.mark.parametrize("family", ["two chains of fragments", "a fragment in many places"])
def test_excessive_validation_has_code(family: str) -> None:
    errors = documents().get(hostile_document(family, DEFAULTS["max_query_tokens"] - 20), introspection=False).errors
    assert [(error.extensions or {})["code"] for error in errors] == ["OPERATION_TOO_COMPLEX"]
    assert "too complex to validate" in errors[0].message


def test_introspection_query_is_within_limits() -> None:
    text = get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )
    document, calls = read_counting_calls(text, introspection=True)
    assert document.errors == ()
    assert calls <= MAX_CALLS / 5
