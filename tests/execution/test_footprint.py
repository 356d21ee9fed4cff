"""What is charged for documents and their plans is what they take of memory, whatever they are made of."""

import gc
import sys
import tracemalloc
from itertools import product

import pytest
from graphql.execution import VariableValues

from domain.lru_cache import ENTRY_OVERHEAD_BYTES
from execution import plans
from execution.documents import Document, Documents
from schema.cache_control import POLICIES
from schema.costs import COSTS

COPIES = 8
FLAGS = {"a": False, "b": True}

FRAGMENTS = " ".join(f"fragment F{index} on Book {{ id title ...F{index + 1} }}" for index in range(8))
KANJI = 'a{}: kanji(character: "日") {{ meanings }}'
IDS = ['"x"'] * 100
TEXTS = {
    "small": "{ jlptContentStats { bookCount } }",
    "type names": f"{{ {' '.join(f'a{index}: __typename' for index in range(45))} }}",
    "page": "{ books(first: 20) { nodes { id title author progress { percent } } pageInfo { hasNextPage } } }",
    "viewer": "{ viewer { email user { id displayName } reviews(first: 5) { nodes { id card { id dueAt } } } } }",
    "operations": " ".join(f"query Q{index} {{ __typename }}" for index in range(200)),
    "arguments": f"{{ {' '.join(KANJI.format(index) for index in range(40))} }}",
    "list": f"{{ nodes(ids: [{' '.join(IDS)}]) {{ id }} }}",
    "string": f"""{{ kanji(character: "{"日" * 20_000}") {{ meanings }} }}""",
    "comment": f"{{ books(first: 1) {{ nodes {{ id }} }} }} # {'x' * 20_000}",
    "fragments": f"{{ books(first: 1) {{ nodes {{ ...F0 }} }} }} {FRAGMENTS} fragment F8 on Book {{ id }}",
    "directives": "query($a: Boolean!, $b: Boolean!) { viewer { email @skip(if: $a) user @include(if: $b) { id } } }",
    "variables": f"query({', '.join(f'$v{index}: Int' for index in range(40))}) "
    f"{{ {' '.join(f'a{index}: books(first: $v{index}) {{ totalCount }}' for index in range(40))} }}",
    "introspection": "{ __schema { types { name fields { name args { name type { name ofType { name } } } } } } }",
    "ghosts": f"{{ {' '.join(f'ghost{index}' for index in range(100))} }}",
    "syntax": f"{{ {'a ' * 1_000}",
    "long name": f"{{ {'x' * 20_000} }}",
}


def use(document: Document, text: str) -> None:
    """As several requests do: measures, plans and compiles the first operation."""
    for operation in list(document.operations.values())[:1]:
        coerced = operation.variables.coerced({name: value for name, value in FLAGS.items() if f"${name}:" in text})
        assert isinstance(coerced, VariableValues)
        operation.measure(coerced)
        for _ in range(2):
            operation.plans.plan(coerced)


@pytest.mark.parametrize("name", TEXTS)
def test_charge_covers_memory(name: str) -> None:
    documents = Documents(COSTS, POLICIES, max_tokens=4_000)
    text = TEXTS[name]
    # What the schema remembers of it is the schema's.
    for number in range(2):
        use(documents.get(f"{text} #{number}", introspection=True), text)
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        # Each text is one of its own, as those of requests are.
        texts = [f"{text} #{copy:03}" for copy in range(COPIES)]
        kept = [documents.get(copy, introspection=True) for copy in texts]
        for document, copy in zip(kept, texts, strict=True):
            use(document, copy)
        gc.collect()
        # It holds names that attributes were looked up by, until others take their place.
        sys._clear_type_cache()
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    charged = sum(document.footprint.bytes + ENTRY_OVERHEAD_BYTES for document in kept)
    assert len({document.footprint.bytes for document in kept}) == 1
    assert taken <= 1.1 * charged, f"{taken / COPIES:.0f} bytes a document, {charged / COPIES:.0f} charged"
    assert charged <= 3 * taken, f"{taken / COPIES:.0f} bytes a document, {charged / COPIES:.0f} charged"


def test_plans_are_charged_as_they_are_built() -> None:
    documents = Documents(COSTS, POLICIES, max_tokens=4_000)
    flags = "abcd"
    declared = ", ".join(f"${flag}: Boolean!" for flag in flags)
    fields = " ".join(f"{flag}: email @skip(if: ${flag})" for flag in flags)
    document = documents.get(f"query({declared}) {{ viewer {{ __typename {fields} }} }}", introspection=True)
    [operation] = document.operations.values()
    charged = [document.footprint.bytes]
    for values in product((True, False), repeat=4):
        coerced = operation.variables.coerced(dict(zip(flags, values, strict=True)))
        assert isinstance(coerced, VariableValues)
        for _ in range(2):
            operation.plans.plan(coerced)
            charged.append(document.footprint.bytes)
    assert charged == sorted(set(charged))


def test_evicted_plans_are_not_charged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "MAX_PLANS", 1)
    documents = Documents(COSTS, POLICIES, max_tokens=4_000)
    document = documents.get("query($a: Boolean!) { viewer { email @skip(if: $a) __typename } }", introspection=True)
    [operation] = document.operations.values()
    charged = set()
    for _ in range(3):
        for value in (True, False):
            coerced = operation.variables.coerced({"a": value})
            assert isinstance(coerced, VariableValues)
            operation.plans.plan(coerced)
        charged.add(document.footprint.bytes)
    assert len(charged) == 1


def test_document_whose_plans_outgrow_the_cache_is_evicted() -> None:
    text = "query($a: Boolean!) { viewer { email @skip(if: $a) __typename } }"
    free = Documents(COSTS, POLICIES, max_tokens=4_000)
    size = free.get(text, introspection=True).footprint.bytes + ENTRY_OVERHEAD_BYTES
    documents = Documents(COSTS, POLICIES, max_tokens=4_000, max_bytes=size + 1_000)
    document = documents.get(text, introspection=True)
    assert documents.get(text, introspection=True) is document
    [operation] = document.operations.values()
    coerced = operation.variables.coerced({"a": True})
    assert isinstance(coerced, VariableValues)
    operation.plans.plan(coerced)
    assert documents.get(text, introspection=True) is not document
