"""The footprint of documents and plans is the memory that they take."""

import gc
import os
import sys
import tracemalloc
from itertools import product

import pytest
from graphql import GraphQLError, SourceLocation
from graphql.execution import VariableValues

from common.lru_cache import ENTRY_OVERHEAD_BYTES
from engine.caching.policy import CachedField
from engine.errors import OperationTooComplex
from engine.nodes import FieldPlan, Plan, ResponsePosition, SelectionPlan
from engine.request import plan_cache
from engine.request.document import Document
from engine.request.document_cache import DocumentCache
from engine.request.prepared_operation import PreparedOperation
from schema.cache_control import CACHE_POLICIES
from schema.costs import COSTS
from tests.engine.hostile_documents import hostile_document

COPIES = 4
FLAGS = {"a": False, "b": True}
# Of a document with sixteen plans. `make fuzz` has more.
ALIASES = 4 if "FUZZ_SEED" in os.environ else 1

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
    """Like several requests: analyzes, plans and compiles the first operation."""
    for operation in list(document.operations.values())[:1]:
        coerced = operation.variables.coerce({name: value for name, value in FLAGS.items() if f"${name}:" in text})
        assert isinstance(coerced, VariableValues)
        operation.analyze(coerced)
        for _ in range(2):
            operation.plans.plan(coerced)


@pytest.mark.parametrize("name", TEXTS)
def test_footprint_covers_memory(name: str) -> None:
    documents = DocumentCache(COSTS, CACHE_POLICIES, max_tokens=4_000)
    text = TEXTS[name]
    # Caches of the schema are not part of the document.
    for number in range(2):
        use(documents.get(f"{text} #{number}", introspection=True), text)
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        # Each text is a new string, like those of requests.
        texts = [f"{text} #{copy:03}" for copy in range(COPIES)]
        cached = [documents.get(copy, introspection=True) for copy in texts]
        for document, copy in zip(cached, texts, strict=True):
            use(document, copy)
        gc.collect()
        # CPython's method cache holds attribute names until they are replaced.
        sys._clear_type_cache()
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    charged = sum(document.footprint.bytes + ENTRY_OVERHEAD_BYTES for document in cached)
    assert len({document.footprint.bytes for document in cached}) == 1
    assert taken <= 1.1 * charged, f"{taken / COPIES:.0f} bytes a document, {charged / COPIES:.0f} charged"
    assert charged <= 3 * taken, f"{taken / COPIES:.0f} bytes a document, {charged / COPIES:.0f} charged"


def test_plans_are_charged_as_they_are_built() -> None:
    documents = DocumentCache(COSTS, CACHE_POLICIES, max_tokens=4_000)
    flags = "abcd"
    declared = ", ".join(f"${flag}: Boolean!" for flag in flags)
    fields = " ".join(f"{flag}: email @skip(if: ${flag})" for flag in flags)
    document = documents.get(f"query({declared}) {{ viewer {{ __typename {fields} }} }}", introspection=True)
    [operation] = document.operations.values()
    charged = [document.footprint.bytes]
    for values in product((True, False), repeat=4):
        coerced = operation.variables.coerce(dict(zip(flags, values, strict=True)))
        assert isinstance(coerced, VariableValues)
        for _ in range(2):
            operation.plans.plan(coerced)
            charged.append(document.footprint.bytes)
    assert charged == sorted(set(charged))


def test_evicted_plans_are_not_charged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_cache, "MAX_PLANS", 1)
    documents = DocumentCache(COSTS, CACHE_POLICIES, max_tokens=4_000)
    document = documents.get("query($a: Boolean!) { viewer { email @skip(if: $a) __typename } }", introspection=True)
    [operation] = document.operations.values()
    charged = set()
    for _ in range(3):
        for value in (True, False):
            coerced = operation.variables.coerce({"a": value})
            assert isinstance(coerced, VariableValues)
            operation.plans.plan(coerced)
        charged.add(document.footprint.bytes)
    assert len(charged) == 1


def test_document_whose_plans_outgrow_the_cache_is_evicted() -> None:
    text = "query($a: Boolean!) { viewer { email @skip(if: $a) __typename } }"
    free = DocumentCache(COSTS, CACHE_POLICIES, max_tokens=4_000)
    size = free.get(text, introspection=True).footprint.bytes + ENTRY_OVERHEAD_BYTES
    documents = DocumentCache(COSTS, CACHE_POLICIES, max_tokens=4_000, max_bytes=size + 1_000)
    document = documents.get(text, introspection=True)
    assert documents.get(text, introspection=True) is document
    [operation] = document.operations.values()
    coerced = operation.variables.coerce({"a": True})
    assert isinstance(coerced, VariableValues)
    operation.plans.plan(coerced)
    assert documents.get(text, introspection=True) is not document


@pytest.mark.parametrize("family", ["same nested", "variables", "long list", "operations"])
def test_document_leaves_few_objects_to_garbage_collector(family: str) -> None:
    """A collection stops the process for a time in proportion to the number of objects."""
    documents = DocumentCache(COSTS, CACHE_POLICIES, max_tokens=4_000)
    text = hostile_document(family, 2_000)
    documents.get(text, introspection=False)
    gc.collect()
    before = len(gc.get_objects())
    document = documents.get(f"{text} #", introspection=False)
    gc.collect()
    assert document.errors == ()
    assert len(gc.get_objects()) - before <= 2.5 * 2_000


@pytest.mark.parametrize("text", [f"{{ {'a ' * 5_000}", f"{{ {'a ' * 3_000}", f"{{ {'ghost ' * 3_900}}}", "{" * 3_900])
def test_rejected_document_leaves_no_ast(text: str) -> None:
    documents = DocumentCache(COSTS, CACHE_POLICIES, max_tokens=4_000, max_bytes=10)
    documents.get(text, introspection=False)
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        for number in range(5):
            assert documents.get(f"{text} #{number}", introspection=False).errors
        grown = len(gc.get_objects()) - before
    finally:
        gc.enable()
    assert grown <= 5 * 1_500


def count_nodes() -> int:
    """Living documents and nodes of plans."""
    kinds = Document, PreparedOperation, Plan, SelectionPlan, FieldPlan, ResponsePosition, CachedField
    return sum(isinstance(thing, kinds) for thing in gc.get_objects())


@pytest.mark.parametrize("name", ["page", "viewer", "type names", "fragments", "introspection"])
def test_evicted_plans_are_freed_without_garbage_collection(name: str) -> None:
    """A full collection would stop the process for a tenth of a second."""
    documents = DocumentCache(COSTS, CACHE_POLICIES, max_tokens=4_000, max_entries=1)
    text = TEXTS[name]
    counts = []
    gc.collect()
    gc.disable()
    try:
        for number in range(4):
            document = documents.get(f"{text} #{number}", introspection=True)
            use(document, text)
            counts.append(count_nodes())
    finally:
        gc.enable()
    assert len(set(counts)) == 1, counts


def test_field_errors_keep_locations() -> None:
    documents = DocumentCache(COSTS, CACHE_POLICIES, max_tokens=4_000)
    document = documents.get("query Q($id: ID!) {\n  node(id: $id) {\n    id\n  }\n}", introspection=False)
    [operation] = document.operations.values()
    [field] = operation.node.selection_set.selections
    assert GraphQLError("", [field]).locations == [SourceLocation(2, 3)]
    errors = operation.variables.coerce({})
    assert isinstance(errors, list)
    [error] = errors
    assert error.locations == [SourceLocation(1, 9)]


def aliased(number: int, *, levels: int = 6) -> str:
    """A document of a few kilobytes whose fragments expand to many fields: `number` times those of a viewer."""
    nodes = "nodes { ...C0 } edges { node { ...C0 } }"
    viewer = f"fragment V on Viewer {{ cards(first: 1) {{ {nodes} }} dueCards(first: 1) {{ {nodes} }} }}"
    cards = " ".join(
        f"fragment C{level} on Card {{ id dueAt vocabulary {{ id card {{ ...C{level + 1} }} }} }}"
        for level in range(levels)
    )
    flags = ", ".join(f"$f{index}: Boolean!" for index in range(4))
    skipped = " ".join(f"f{index}: __typename @skip(if: $f{index})" for index in range(4))
    aliases = " ".join(f"a{index}: viewer {{ ...V }}" for index in range(number))
    return f"query({flags}) {{ {skipped} {aliases} }} {viewer} {cards} fragment C{levels} on Card {{ id }}"


def test_short_document_is_charged_for_all_plans() -> None:
    text = aliased(ALIASES)
    flags = [dict(zip(("f0", "f1", "f2", "f3"), values, strict=True)) for values in product((True, False), repeat=4)]

    def plan_all(documents: DocumentCache, text: str) -> int:
        document = documents.get(text, introspection=False)
        assert document.errors == ()
        [operation] = document.operations.values()
        for values in flags:
            coerced = operation.variables.coerce(values)
            assert isinstance(coerced, VariableValues)
            for _ in range(2):
                operation.plans.plan(coerced)
        return document.footprint.bytes

    plan_all(DocumentCache(COSTS, CACHE_POLICIES, max_tokens=4_000), text)
    # Twice, because a table of the process, such as that of interned strings, may grow meanwhile.
    measured = []
    for number in range(2):
        cache = DocumentCache(COSTS, CACHE_POLICIES, max_tokens=4_000, max_bytes=128 * 1024 * 1024)
        gc.collect()
        tracemalloc.start()
        try:
            charged = plan_all(cache, f"{text} #{number}")
            gc.collect()
            sys._clear_type_cache()
            measured.append(tracemalloc.get_traced_memory()[0])
        finally:
            tracemalloc.stop()
    taken = min(measured)
    assert cache.bytes >= charged > 1_000 * len(text)
    assert taken <= 1.1 * charged
    # A document that does not fit is not cached, however short its text is.
    small = DocumentCache(COSTS, CACHE_POLICIES, max_tokens=4_000, max_bytes=charged // 2)
    plan_all(small, text)
    assert len(small) == 0


def test_fields_of_a_plan_are_bounded() -> None:
    text = aliased(45)
    assert len(text) < 4_500
    documents = DocumentCache(COSTS, CACHE_POLICIES, max_tokens=4_000, max_fields=1_000)
    [operation] = documents.get(text, introspection=False).operations.values()
    coerced = operation.variables.coerce(dict.fromkeys(("f0", "f1", "f2", "f3"), False))
    assert isinstance(coerced, VariableValues)
    for _ in range(2):
        with pytest.raises(OperationTooComplex, match="limit of 1000 fields"):
            operation.plans.plan(coerced)
    # The incomplete plan is neither cached nor charged.
    assert operation.plans.footprint.bytes < 200_000


def test_large_plan_is_not_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling it would block the event loop."""
    compiled: list[object] = []
    monkeypatch.setattr(plan_cache, "compile_plan", compiled.append)
    documents = DocumentCache(COSTS, CACHE_POLICIES, max_tokens=4_000)
    for number, expected in ((1, 1), (10, 1)):
        document = documents.get(aliased(number), introspection=False)
        [operation] = document.operations.values()
        coerced = operation.variables.coerce(dict.fromkeys(("f0", "f1", "f2", "f3"), False))
        assert isinstance(coerced, VariableValues)
        for _ in range(3):
            plan = operation.plans.plan(coerced)
        assert (plan.field_count <= plan_cache.MAX_COMPILED_FIELDS) is (number == 1)
        assert len(compiled) == expected
