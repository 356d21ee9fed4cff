# mypy: disable-error-code="no-any-return,untyped-decorator"
# Resolvers return values of other types than they declare, which is what is tested.
"""A schema with everything that can happen during execution."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated, Any

import strawberry
from strawberry.schema.config import StrawberryConfig

from engine.loading.loader_field import loader_field
from tests.engine.zoo import Animal, Bird, Fish, Info, Meal, Weight, animal, animals_of, say

Creature = Annotated[Bird | Fish, strawberry.union("Creature")]


@strawberry.type
class Cage:
    number: int

    @strawberry.field
    def birds(self, info: Info) -> list[Bird]:
        birds = [animal(number) for number in range(1, 8, 2)]
        return [info.context.given(f"bird {bird.number} of {self.number}", bird) for bird in birds]

    @strawberry.field
    async def fish(self, info: Info) -> list[Fish | None]:
        fish = [animal(number) for number in range(0, 8, 2)]
        return await info.context.given_later(f"fish of {self.number}", fish)

    @strawberry.field
    def creatures(self, info: Info) -> list[Creature]:
        numbers = range(self.number, self.number + 4)
        items: list[Any] = [info.context.given_later(f"creature {number}", animal(number)) for number in numbers]
        return items

    @strawberry.field
    async def visitors(self, info: Info) -> list[Animal | None] | None:
        async def come() -> AsyncIterator[Any]:
            for number in range(self.number, self.number + 3):
                await asyncio.sleep(0)
                yield info.context.given(f"visitor {number}", animal(number))

        # An asynchronous iterable is a list, too.
        items: Any = come()
        return items

    @strawberry.field
    def grid(self, info: Info) -> list[list[Bird | None]] | None:
        return info.context.given(f"grid {self.number}", [[animal(1), None], [animal(3)], []])

    @strawberry.field
    def meals(self, info: Info, meal: Meal | None = None, list_of: list[int] | None = None) -> str:
        return info.context.given(f"meals {self.number}", f"{say(meal)} {list_of}")

    @strawberry.field
    def neighbour(self, info: Info) -> "Cage | None":
        return info.context.given(f"neighbour {self.number}", Cage(number=self.number + 1))

    @strawberry.field
    async def sure_neighbour(self, info: Info) -> "Cage":
        return await info.context.given_later(f"sure neighbour {self.number}", Cage(number=self.number + 2))


def creature_number(info: Info, number: int) -> int | None:
    found = info.context.given(f"number {number}", number)
    if found is None:
        return None
    return abs(found) % 20


@strawberry.type
class Query:
    @strawberry.field
    async def cage(self, info: Info, number: int = 1) -> Cage | None:
        return await info.context.given_later(f"cage {number}", Cage(number=number))

    @strawberry.field
    def cages(self, info: Info, count: int = 2) -> list[Cage]:
        return info.context.given("cages", [Cage(number=number) for number in range(max(0, min(count, 3)))])

    creature = strawberry.field(resolver=loader_field(animals_of, creature_number), graphql_type=Creature | None)

    @strawberry.field
    def animal(self, info: Info, number: int = 4) -> Animal:
        return info.context.given(f"animal {number}", animal(number))

    @strawberry.field
    def day(self, of: date) -> date:
        return of


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def feed(self, info: Info, meal: Meal) -> Cage | None:
        key = f"feed {info.path.key}"
        return await info.context.given_later(key, Cage(number=info.context.roll(key) % 3))

    @strawberry.mutation
    def clean(self, info: Info, number: int = 0) -> str:
        return info.context.given(f"clean {number}", f"cleaned {number}")


schema = strawberry.Schema(
    Query,
    Mutation,
    types=[Bird, Fish],
    config=StrawberryConfig(
        scalar_map={Weight: strawberry.scalar(name="Weight", serialize=lambda grams: f"{grams} g", parse_value=int)}
    ),
)
