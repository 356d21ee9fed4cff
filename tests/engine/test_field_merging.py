"""Groups of fields conflict where graphql-core finds conflicting pairs, in linearly many steps."""

import os
from collections.abc import Callable
from random import Random

import pytest
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    build_schema,
    parse,
    print_ast,
    validate,
)

from engine.request.field_merging import Conflict, FieldMerging, TooManySteps

# `make fuzz` runs many, with other seeds each time.
DOCUMENTS = int(os.environ.get("FUZZ_OPERATIONS", "1000"))
FIRST_SEED = int(os.environ.get("FUZZ_SEED", "0"))
GROUP = 200

SCHEMA = build_schema("""
    interface Being { id: ID! name(as: String, in: [Int]): String friend: Being }
    union Pet = Cat | Dog
    type Cat implements Being {
        id: ID! name(as: String, in: [Int]): String friend: Being size: Int kin: [Cat!] pet: Pet
    }
    type Dog implements Being {
        id: ID! name(as: String, in: [Int]): String friend: Being size: String kin: [Dog] pet: Cat!
    }
    type Query { being: Being pet: Pet cat: Cat dog: Dog cats: [Cat] }
""")
FIELDS = {
    "Query": ("being", "pet", "cat", "dog", "cats", "__typename"),
    "Being": ("id", "name", "friend", "__typename"),
    "Pet": ("__typename",),
    "Cat": ("id", "name", "friend", "size", "kin", "pet"),
    "Dog": ("id", "name", "friend", "size", "kin", "pet"),
}
BELOW = {"being": "Being", "pet": "Pet", "cat": "Cat", "dog": "Dog", "cats": "Cat", "friend": "Being"}
ARGUMENTS = (
    "",
    "",
    "",
    '(as: "a")',
    '(as: "b")',
    "(as: $v)",
    "(in: [1, 2])",
    '(in: [1], as: "a")',
    '(as: "a", in: [1])',
)


class RandomDocument:
    """Valid except for the rule under test: few response names, many fields of each."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._types = [random.choice(["Being", "Cat", "Dog", "Pet", "Query"]) for _ in range(random.randrange(5))]

    @property
    def text(self) -> str:
        parts = [f"{{ {self._selections('Query', 4, 0)} }}"]
        for number, type_ in enumerate(self._types):
            parts.append(f"fragment F{number} on {type_} {{ {self._selections(type_, 3, number + 1)} }}")
        return " ".join(parts)

    def _selections(self, type_: str, depth: int, fragments_from: int) -> str:
        return " ".join(self._selection(type_, depth, fragments_from) for _ in range(self._random.randrange(1, 4)))

    def _selection(self, type_: str, depth: int, fragments_from: int) -> str:
        random = self._random
        possible = [
            number
            for number in range(fragments_from, len(self._types))
            if (self._types[number] == "Query") == (type_ == "Query")
        ]
        if possible and random.random() < 0.3:
            return f"...F{random.choice(possible)}"
        if type_ != "Query" and depth and random.random() < 0.35:
            inner = random.choice(["Cat", "Dog", "Being"])
            return f"... on {inner} {{ {self._selections(inner, depth - 1, fragments_from)} }}"
        name = random.choice(FIELDS[type_])
        alias = random.choice(["", "", "a: ", "b: "])
        below = BELOW.get(name) or (type_ if name == "kin" else None)
        if name == "pet" and type_ == "Dog":
            below = "Cat"
        if below is None:
            return f"{alias}{name}{random.choice(ARGUMENTS) if name == 'name' else ''}"
        if not depth:
            return "__typename"
        return f"{alias}{name} {{ {self._selections(below, depth - 1, fragments_from)} }}"


def found_in_groups(document: DocumentNode, max_steps: int = 100_000) -> tuple[Conflict | None, int]:
    fragments, roots = {}, []
    for definition in document.definitions:
        if isinstance(definition, FragmentDefinitionNode):
            fragments[definition.name.value] = definition
            roots.append((definition.selection_set, SCHEMA.get_type(definition.type_condition.name.value)))
        elif isinstance(definition, OperationDefinitionNode):
            roots.append((definition.selection_set, SCHEMA.query_type))
    merging = FieldMerging(SCHEMA, fragments, print_ast, max_steps)
    return merging.find_conflict(roots), merging.steps


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + DOCUMENTS // GROUP))
def test_groups_agree_with_pairs(seed: int) -> None:
    random = Random(seed)
    verdicts = set()
    for _ in range(GROUP):
        text = RandomDocument(random).text
        document = parse(text)
        in_pairs = validate(SCHEMA, document, [OverlappingFieldsCanBeMergedRule])
        conflict, _ = found_in_groups(document)
        assert (conflict is not None) is bool(in_pairs), f"{text}\n{conflict}\n{in_pairs}"
        verdicts.add(bool(in_pairs))
    assert verdicts == {True, False}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{ a: cat { id } a: dog { id } }", "'cat' and 'dog' are different fields"),
        ('{ cat { name(as: "a") name } }', "they have differing arguments"),
        ("{ being { ... on Cat { size } ... on Dog { size } } }", "they return conflicting types 'String' and 'Int'"),
        ("{ being { ... on Cat { kin { id } } ... on Dog { kin { id } } } }", "they return conflicting types"),
        ("{ cats @stream { id } cats @stream { id } }", "they have overlapping stream directives"),
        ("{ a: cats { a: id } ...F } fragment F on Query { a: cats { a: size } }", "'id' and 'size'"),
    ],
)
def test_conflict_is_explained(text: str, reason: str) -> None:
    conflict, _ = found_in_groups(parse(text))
    assert conflict is not None
    assert reason in conflict.reason


@pytest.mark.parametrize(
    "text",
    [
        "{ ...F } fragment F on Query { cat { friend { ...G } } } fragment G on Being { friend { ...G } }",
        "{ ...F } fragment F on Query { ...F cat { id } }",
        "{ ghost { ghost } ghost { ghost } ...Ghost ... on Ghost { id } }",
    ],
)
def test_invalid_document_terminates(text: str) -> None:
    """Cyclic fragments and unknown names are reported by other rules."""
    assert found_in_groups(parse(text))[0] is None


FAMILIES: dict[str, Callable[[int], str]] = {
    "leaves": lambda n: f"{{ {'__typename ' * n} }}",
    "nested": lambda n: f"{{ {'cat { friend { id } } ' * n} }}",
    "arguments": lambda n: f"""{{ cat {{ {'name(as: "a") ' * n} }} }}""",
    "fragments": lambda n: (
        f"{{ {' '.join(f'...F{i}' for i in range(n))} }} "
        + " ".join(f"fragment F{i} on Query {{ cat {{ id name }} }}" for i in range(n))
    ),
    "inline": lambda n: f"{{ being {{ {'... on Being { id ... on Cat { size } } ' * n} }} }}",
    "exclusive": lambda n: f"{{ being {{ {'... on Cat { a: id } ... on Dog { a: id } ' * n} }} }}",
}


@pytest.mark.parametrize("family", FAMILIES)
def test_steps_grow_linearly(family: str) -> None:
    once, twice, four_times = (found_in_groups(parse(FAMILIES[family](n)))[1] for n in (100, 200, 400))
    assert twice <= 2.1 * once
    assert four_times <= 2.1 * twice


def test_steps_are_bounded() -> None:
    """Every set of fragments that is merged somewhere is checked: there can be exponentially many."""
    levels = 12
    fragments = [
        f"fragment {name}{level} on Cat {{ {' '.join(f'{key}: kin {{ {below} }}' for key, below in spreads)} }}"
        for level in range(levels)
        for name in "FG"
        for spreads in [[(f"a{bit}", f"...{'FG'[bit]}{level + 1} a{name}{level}: id") for bit in (0, 1)]]
    ]
    text = f"{{ cat {{ ...F0 ...G0 }} }} {' '.join(fragments)} fragment F{levels} on Cat {{ id }}"
    text += f" fragment G{levels} on Cat {{ id }}"
    with pytest.raises(TooManySteps):
        found_in_groups(parse(text), max_steps=100)
