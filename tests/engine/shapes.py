"""A schema with every shape of field type: each kind of named type, in lists up to three deep, nullable or not at each
level, resolved by an attribute, a function and a coroutine.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from random import Random
from types import GenericAlias
from typing import Annotated, Any, NewType

import strawberry
from strawberry.schema.config import StrawberryConfig

from engine.run.is_type_of import InstanceOf

MAX_LIST_DEPTH = 3


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


Grams = NewType("Grams", int)


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Plain(Named):
    tags: list[list[str]]


@dataclass(frozen=True)
class Row:
    """An object of type `Checked` that is not an instance of it."""

    name: str
    flags: list[bool | None]


@strawberry.type
class Checked(Named):
    is_type_of = InstanceOf(Row)

    flags: list[bool | None]


Either = Annotated[Plain | Checked, strawberry.union("Either")]


def _plain(random: Random) -> Plain:
    return Plain(name=f"plain {random.randrange(9)}", tags=[["a"] * random.randrange(3)] * random.randrange(3))


def _row(random: Random) -> Row:
    return Row(f"row {random.randrange(9)}", [random.choice([True, None])] * random.randrange(3))


def _object(random: Random) -> Plain | Row:
    return _plain(random) if random.random() < 0.5 else _row(random)


@dataclass(frozen=True)
class Leaf:
    """A named type and its values. `selection`: selected below it."""

    type: Any
    make: Callable[[Random], Any]
    selection: str = ""


LEAVES = {
    "string": Leaf(str, lambda random: random.choice(["", "日本", '"'])),
    "id": Leaf(strawberry.ID, lambda random: random.choice(["x", 7])),
    "boolean": Leaf(bool, lambda random: random.random() < 0.5),
    "int": Leaf(int, lambda random: random.choice([0, -(2**31), 2**31 - 1])),
    "float": Leaf(float, lambda random: random.choice([0.5, 3, -1e300])),
    "colour": Leaf(Colour, lambda random: random.choice([Colour.RED, Colour.BLUE, "red"])),
    "date": Leaf(date, lambda random: date(2026, 1, random.randrange(1, 20))),
    "grams": Leaf(Grams, lambda random: random.randrange(9)),
    "plain": Leaf(Plain, _plain, "{ name tags }"),
    "checked": Leaf(Checked, _row, "{ name flags }"),
    "named": Leaf(Named, _object, "{ __typename name ... on Plain { tags } ... on Checked { flags } }"),
    "either": Leaf(Either, _object, "{ __typename ... on Plain { name tags } ... on Checked { flags name } }"),
}
WAYS = ("attribute", "function", "coroutine")

# Whether each is nullable, from the outermost list to the named type.
Nullability = tuple[bool, ...]
SHAPES: list[Nullability] = [
    shape for depth in range(MAX_LIST_DEPTH + 1) for shape in itertools.product((False, True), repeat=depth + 1)
]


def field_name(way: str, leaf: str, shape: Nullability) -> str:
    """Such as `function_string_ny`: a non-null list of nullable strings."""
    return f"{way}_{leaf}_{''.join('y' if nullable else 'n' for nullable in shape)}"


def field_names() -> Iterator[tuple[str, str]]:
    """All fields, with their selections."""
    for way, (leaf, found), shape in itertools.product(WAYS, LEAVES.items(), SHAPES):
        yield field_name(way, leaf, shape), found.selection


@dataclass(frozen=True)
class Faults:
    """The context. `rate`: the share of invalid values, equal in all runs of a seed."""

    seed: int
    rate: float

    def value(self, name: str, number: int) -> Any:
        """The value of a field for the object of this number, created for each run."""
        _, leaf, shape = name.split("_")
        random = Random(f"{self.seed}/{leaf}/{shape}/{number}")
        return self._value(random, LEAVES[leaf], [nullable == "y" for nullable in shape])

    def _value(self, random: Random, leaf: Leaf, shape: list[bool]) -> Any:
        if random.random() < self.rate:
            return random.choice([None, LookupError("lost"), object(), iter(["a", "b"]), [None], 2**40, float("nan")])
        if shape[0] and random.random() < 0.2:
            return None
        if len(shape) == 1:
            return leaf.make(random)
        items = [self._item(random, leaf, shape[1:]) for _ in range(random.randrange(4))]
        kind = random.random()
        return items if kind < 0.8 else tuple(items) if kind < 0.9 else iter(items)

    def _item(self, random: Random, leaf: Leaf, shape: list[bool]) -> Any:
        """A list item, which may be awaitable."""
        item = self._value(random, leaf, shape)
        return _later(item) if random.random() < 0.1 else item


async def _later(value: Any) -> Any:
    return value


@dataclass
class Holder:
    """An object with all fields. Attributes are created when they are read."""

    faults: Faults
    number: int
    _lazy: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("attribute_"):
            raise AttributeError(name)
        return self.faults.value(name, self.number)


def _type_of(leaf: Leaf, shape: Nullability) -> Any:
    nullable, *below = shape
    type_: Any = GenericAlias(list, (_type_of(leaf, tuple(below)),)) if below else leaf.type
    return type_ | None if nullable else type_


def _function(name: str) -> Callable[..., Any]:
    def resolve(parent: strawberry.Parent[Holder]) -> Any:
        return parent.faults.value(name, parent.number)

    return resolve


def _coroutine(name: str) -> Callable[..., Any]:
    async def resolve(parent: strawberry.Parent[Holder]) -> Any:
        return parent.faults.value(name, parent.number)

    return resolve


def _every_field() -> type:
    namespace: dict[str, Any] = {"__annotations__": {}, "is_type_of": InstanceOf(Holder)}
    for way, (leaf, found), shape in itertools.product(WAYS, LEAVES.items(), SHAPES):
        name, type_ = field_name(way, leaf, shape), _type_of(found, shape)
        if way == "attribute":
            namespace["__annotations__"][name] = type_
        else:
            resolver = (_function if way == "function" else _coroutine)(name)
            namespace[name] = strawberry.field(resolver=resolver, graphql_type=type_)
    return strawberry.type(type("EveryField", (), namespace))


EveryField: Any = _every_field()


def holders(info: strawberry.Info[Faults, Any]) -> list[Holder]:
    return [Holder(info.context, number) for number in range(3)]


@strawberry.type
class Query:
    holders = strawberry.field(resolver=holders, graphql_type=list[EveryField | None])


schema = strawberry.Schema(
    Query,
    types=[Plain, Checked],
    config=StrawberryConfig(
        auto_camel_case=False,
        scalar_map={Grams: strawberry.scalar(name="Grams", serialize=lambda grams: f"{int(grams)} g", parse_value=int)},
    ),
)
