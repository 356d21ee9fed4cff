"""Documents are read once, cached within bounds, and rejected with a code."""

from typing import Any

from graphql import build_schema

from common.lru_cache import ENTRY_OVERHEAD_BYTES
from engine.request.document_cache import DocumentCache
from tests.engine.sdl_costs import costs_of

SCHEMA = build_schema("type Query { name(prefix: String): String }")


def documents(**bounds: Any) -> DocumentCache:
    return DocumentCache(costs_of(SCHEMA), None, **{"max_tokens": 100, **bounds})


def codes(text: str, *, introspection: bool = True, **bounds: Any) -> list[object]:
    errors = documents(**bounds).get(text, introspection=introspection).errors
    return [(error.extensions or {}).get("code") for error in errors]


def test_same_text_is_read_once() -> None:
    cache = documents()
    first = cache.get("{ name }", introspection=True)
    assert cache.get("{ name }", introspection=True) is first
    assert cache.get("{ name  }", introspection=True) is not first
    assert cache.get("{ name }", introspection=False) is not first


def test_rejected_document_is_cached() -> None:
    cache = documents()
    assert cache.get("{ nam }", introspection=True) is cache.get("{ nam }", introspection=True)


def test_least_recently_used_is_evicted_by_number() -> None:
    cache = documents(max_entries=2)
    first, second = (cache.get(text, introspection=True) for text in ("{ a: name }", "{ b: name }"))
    assert cache.get("{ a: name }", introspection=True) is first
    cache.get("{ c: name }", introspection=True)
    assert cache.get("{ a: name }", introspection=True) is first
    assert cache.get("{ b: name }", introspection=True) is not second


def test_least_recently_used_is_evicted_by_size() -> None:
    texts = [f"{{ name{n}: name }}" for n in range(3)]
    size = ENTRY_OVERHEAD_BYTES + documents().get(texts[0], introspection=True).footprint.bytes
    cache = documents(max_bytes=2 * size)
    first, second, _ = (cache.get(text, introspection=True) for text in texts)
    assert cache.get(texts[1], introspection=True) is second
    assert cache.get(texts[0], introspection=True) is not first


def test_document_larger_than_cache_is_not_cached() -> None:
    cache = documents(max_bytes=1)
    assert cache.get("{ name }", introspection=True) is not cache.get("{ name }", introspection=True)


def test_errors_have_codes() -> None:
    assert codes("{") == ["GRAPHQL_PARSE_FAILED"]
    assert codes("{ " + "name " * 100 + "}") == ["GRAPHQL_PARSE_FAILED"]
    assert codes("{" * 90) == ["GRAPHQL_PARSE_FAILED"]
    assert codes("{ nam }") == ["GRAPHQL_VALIDATION_FAILED"]


def test_null_characters_are_rejected_unless_allowed() -> None:
    for text in ('{ name(prefix: "\\u0000") }', '{ name(prefix: "\\u{0}") }'):
        assert codes(text) == []
        assert codes(text, allow_null_characters=False) == ["BAD_USER_INPUT"]


def test_names_are_suggested_only_with_introspection() -> None:
    assert "name" in documents().get("{ nam }", introspection=True).errors[0].message
    for text in ("{ nam }", "{ name(prefi: 1) }", "query($a: Strin) { name(prefix: $a) }"):
        messages = [error.message for error in documents().get(text, introspection=False).errors]
        assert messages
        assert not any("Did you mean" in message for message in messages)


def test_introspection_can_be_disabled() -> None:
    assert codes("{ __schema { types { name } } }") == []
    assert codes("{ __schema { queryType { name } } }", introspection=False) == ["GRAPHQL_VALIDATION_FAILED"] * 2
    assert codes("{ __typename }", introspection=False) == []
