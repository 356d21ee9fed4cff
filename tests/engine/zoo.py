# mypy: disable-error-code="no-any-return,untyped-decorator"
# Resolvers return values of other types than they declare, which is what is tested.
"""Types of animals with their loaders, and a context that decides what happens to their fields.

Whether and how a field fails depends only on the context's seed and the field's path: two runs with the same seed get
the same values and faults, in whatever order they call resolvers.
"""

import asyncio
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from functools import cache
from typing import Annotated, Any, NewType

import strawberry
from aiodataloader import DataLoader
from graphql import GraphQLError
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission, PermissionExtension

from engine.loading.batch_loader import BatchLoader
from engine.loading.loader_field import loader_field
from engine.loading.shared_values import SharedValues
from engine.run.is_type_of import InstanceOf

FAULTS = ("raise", "return an error", "null", "wrong class", "raise a GraphQLError")


@dataclass
class Zoo:
    """The context. `fault_rate`: in percent. `plain_loaders`: uses DataLoader's batches. `calls`: of resolvers."""

    seed: int
    fault_rate: int
    plain_loaders: bool = False
    calls: Counter[str] = field(default_factory=Counter)
    batches: int = 0

    def __post_init__(self) -> None:
        self.animals: DataLoader[int, Any] = (PlainAnimals if self.plain_loaders else BatchedAnimals)(self)
        self.names: DataLoader[int, Any] = (PlainNames if self.plain_loaders else BatchedNames)(self)
        self.guides: DataLoader[int, Any] = (PlainGuides if self.plain_loaders else BatchedGuides)(self)
        self.known_guides = known_guides()

    def roll(self, what: str) -> int:
        return zlib.crc32(f"{self.seed}/{what}".encode())

    def fault(self, what: str) -> str | None:
        roll = self.roll(f"fault/{what}")
        return FAULTS[roll // 100 % len(FAULTS)] if roll % 100 < self.fault_rate else None

    def given(self, what: str, value: Any) -> Any:
        """The value, or a fault in its place."""
        self.calls[what] += 1
        fault = self.fault(what)
        if fault == "raise":
            raise ValueError(f"{what} fails")
        if fault == "raise a GraphQLError":
            raise GraphQLError(f"{what} is refused")
        if fault == "return an error":
            return LookupError(f"{what} is lost")
        if fault == "null":
            return None
        return Strange() if fault == "wrong class" else value

    async def given_later(self, what: str, value: Any) -> Any:
        for _ in range(self.roll(f"turns/{what}") % 3):
            await asyncio.sleep(0)
        return self.given(what, value)


class Strange:
    def __repr__(self) -> str:
        return "<strange>"


class Animals:
    def __init__(self, zoo: Zoo) -> None:
        super().__init__()
        self._zoo = zoo

    async def load_batch(self, keys: Sequence[int]) -> list[Any]:
        self._zoo.batches += 1
        self._zoo.calls.update(f"load {key}" for key in keys)
        # Longer than requesting keys takes, like an SQL statement.
        for _ in range(25):
            await asyncio.sleep(0)
        if self._zoo.fault("batches") == "raise":
            raise ValueError("the batch fails")
        return [self.one(key) for key in keys]

    def one(self, key: int) -> Any:
        fault = self._zoo.fault(f"animal/{key}")
        if fault == "return an error":
            return LookupError(f"animal {key} is lost")
        return None if fault == "null" else animal(key)


class Names(Animals):
    def one(self, key: int) -> Any:
        return f"name {key}"


class BatchedAnimals(Animals, BatchLoader[int, Any]):
    pass


class BatchedNames(Names, BatchLoader[int, Any]):
    pass


class PlainAnimals(Animals, DataLoader[int, Any]):
    def load(self, key: int) -> "asyncio.Future[Any]":
        return asyncio.shield(super().load(key))

    async def batch_load_fn(self, keys: list[int]) -> list[Any]:
        return await self.load_batch(keys)


class PlainNames(Names, PlainAnimals):
    pass


class Guides(Animals):
    """Needs no batch for keys that are known, and never fails."""

    async def load_batch(self, keys: Sequence[int]) -> list[Any]:
        await asyncio.sleep(0)
        return [animal(key) for key in keys]


class BatchedGuides(Guides, BatchLoader[int, Any]):
    pass


class PlainGuides(Guides, PlainAnimals):
    pass


class Mood(Enum):
    CALM = "calm"
    WILD = "wild"


Weight = NewType("Weight", int)

Info = strawberry.Info[Zoo, Any]


@strawberry.input
class Meal:
    amount: int = 2
    of: list[str] = strawberry.field(default_factory=lambda: ["hay"])
    mood: Mood | None = None
    then: "Meal | None" = None


def say(meal: Meal | None) -> str:
    if meal is None:
        return "nothing"
    return f"{meal.amount} {'+'.join(meal.of)} {meal.mood.name if meal.mood else '-'} then {say(meal.then)}"


def initial(parent: strawberry.Parent["Animal"], info: Info) -> str | None:
    return info.context.given(f"initial {parent.number} {info.path.key}", parent.name[0])


@strawberry.interface
class Animal:
    number: int
    name: str
    initial = strawberry.field(resolver=initial)


def animals_of(zoo: Zoo) -> Any:
    return zoo.animals


def names_of(zoo: Zoo) -> Any:
    return zoo.names


@cache
def known_guides() -> SharedValues[int, Any]:
    """Half of the mates, the same for all runs."""
    known: SharedValues[int, Any] = SharedValues()
    known.update((number, animal(number)) for number in range(0, 300, 8))
    return known


def guides_of(zoo: Zoo) -> Any:
    return zoo.guides


def known_guides_of(zoo: Zoo) -> Any:
    return zoo.known_guides


class Twice(FieldExtension):
    """Changes the arguments of a synchronous resolver."""

    def map_arguments(self, arguments: dict[str, Any]) -> dict[str, Any]:
        return {**arguments, "times": arguments["times"] * 2} if "times" in arguments else arguments

    def resolve(self, next_: Any, source: Any, info: Any, **arguments: Any) -> Any:
        return next_(source, info, **arguments)


class Loud(FieldExtension):
    async def resolve_async(self, next_: Any, source: Any, info: Any, **arguments: Any) -> Any:
        found = await next_(source, info, **arguments)
        return found.upper() if isinstance(found, str) else found


class Allowed(BasePermission):
    message = "not allowed"

    def has_permission(self, source: Any, info: Any, **_: Any) -> bool:
        return bool(info.context.roll(f"allowed {source.number}") % 4)


class AllowedLater(BasePermission):
    message = "not allowed now"

    async def has_permission(self, source: Any, info: Any, **_: Any) -> bool:
        await asyncio.sleep(0)
        return bool(info.context.roll(f"allowed later {source.number}") % 4)


@strawberry.type
class Bird(Animal):
    wings: float | None
    mood: Mood
    hatched: date | None

    @strawberry.field
    async def sings(self, info: Info, times: int = 2, to: str | None = None) -> str:
        return await info.context.given_later(f"sings {self.number} {times} {to}", "la" * times)

    @strawberry.field(extensions=[Loud()])
    async def shouts(self, info: Info, over: Meal | None = None) -> str | None:
        return await info.context.given_later(f"shouts {self.number} {say(over)}", f"tweet {say(over)}")

    @strawberry.field(extensions=[Twice()])
    def turns(self, info: Info, times: int = 1, meals: list[Meal] | None = None) -> str | None:
        said = f"{times} {[say(meal) for meal in meals or ()]}"
        return info.context.given(f"turns {self.number} {said}", said)

    flock = strawberry.field(resolver=loader_field(animals_of, "flock_number"), graphql_type=Animal | None)


@dataclass(frozen=True)
class FishRow:
    """Not an instance of its GraphQL type."""

    number: int
    name: str
    weight: int
    scales: list[list[int | None]]
    mood: str
    mate_number: int | None


def swims(parent: strawberry.Parent[FishRow], info: Info) -> bool:
    return info.context.given(f"swims {parent.number}", True)


def secret(parent: strawberry.Parent[FishRow], info: Info) -> str | None:
    return info.context.given(f"secret {parent.number}", "deep")


async def deeper_secret(parent: strawberry.Parent[FishRow], info: Info) -> str:
    return await info.context.given_later(f"deeper {parent.number}", "deeper")


def fish_initial(parent: strawberry.Parent[FishRow], info: Info) -> str | None:
    return info.context.given(f"fish initial {parent.number}", parent.name[0])


@strawberry.type
class Fish(Animal):
    is_type_of = InstanceOf(FishRow)

    weight: Weight
    scales: list[list[int | None]] | None
    mood: Mood
    mate = strawberry.field(
        resolver=loader_field(animals_of, "mate_number"),
        graphql_type=Annotated["Fish", strawberry.lazy("tests.engine.zoo")] | None,
    )
    nickname = strawberry.field(
        resolver=loader_field(names_of, "mate_number", lambda name: name and name.title()),
        graphql_type=str | None,
    )
    sure_name = strawberry.field(resolver=loader_field(names_of, "mate_number"), graphql_type=str)
    guide = strawberry.field(
        resolver=loader_field(guides_of, "mate_number", known=known_guides_of, is_shared=True),
        graphql_type=Annotated["Fish", strawberry.lazy("tests.engine.zoo")],
    )
    guide_name = strawberry.field(
        resolver=loader_field(guides_of, "mate_number", lambda guide: guide and guide.name, known_guides_of),
        graphql_type=str | None,
    )

    swims = strawberry.field(resolver=swims)
    secret = strawberry.field(resolver=secret, extensions=[PermissionExtension(permissions=[Allowed()])])
    deeper_secret = strawberry.field(resolver=deeper_secret, permission_classes=[AllowedLater])
    initial = strawberry.field(resolver=fish_initial)


def animal(number: int) -> Any:
    name = f"animal {number}"
    if number % 2:
        bird = Bird(
            number=number,
            name=name,
            wings=number / 2 if number % 3 else None,
            mood=Mood.WILD if number % 5 else Mood.CALM,
            hatched=date(2026, 1, 1) + timedelta(number) if number % 7 else None,
        )
        # The loader's key, which is no field of the type.
        vars(bird)["flock_number"] = number * 3 % 20
        return bird
    return FishRow(
        number=number,
        name=name,
        weight=number * 10,
        scales=[[number, None], [], [number]],
        mood="calm" if number % 4 else "wild",
        mate_number=number * 2 % 24 if number % 6 else None,
    )
