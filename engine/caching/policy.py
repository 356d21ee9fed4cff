"""Fields whose completed values are kept: what is declared of them, and how an operation's plan has them."""

import hashlib
import math
from collections.abc import Awaitable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import orjson
from graphql import GraphQLField, GraphQLObjectType
from graphql.execution import VariableValues

from engine.caching.template import Shell
from engine.plan.nodes import Path, Plan, PlannedField, Resolution
from engine.run.budget import ResultLimits


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """How long, in seconds, and for whom a value may be kept. `is_private`: for one viewer.

    `personal_arguments`: paths of arguments, such as ("filter", "status"), with which nothing may be kept.
    """

    max_age: int
    is_private: bool
    personal_arguments: tuple[tuple[str, ...], ...] = ()


class CachePolicies(Protocol):
    """What a schema declares. A field's own policy makes it one whose values are kept.

    That of a type says that its objects may be part of such a value.
    """

    def of_field(self, type_: GraphQLObjectType, name: str, field: GraphQLField) -> CachePolicy | None: ...
    def of_type(self, type_: GraphQLObjectType) -> CachePolicy | None: ...


@dataclass(frozen=True, slots=True)
class Freshness:
    """Of a whole answer: when its oldest part was made, and until when all are fresh, in seconds since 1970.

    Private where a part is. `tags`: what it is made of.
    """

    made_at: float
    fresh_until: float
    is_private: bool
    tags: Collection[str] = ()


NOT_KEPT = Freshness(math.inf, 0.0, is_private=True)


class CachedPart(NamedTuple):
    """A field of an answer whose value is in the cache: its name in the answer, its coordinates, the value's key."""

    response_key: bytes
    coordinates: str
    key: bytes


class CachedRun(Protocol):
    """What the cache reads of a run, see `engine.run.context`."""

    @property
    def plan(self) -> Plan: ...
    @property
    def context(self) -> Any: ...
    @property
    def variables(self) -> VariableValues: ...
    @property
    def limits(self) -> ResultLimits: ...


class CacheAccess(Protocol):
    """What one request may find in the cache, and keep there."""

    @property
    def parts(self) -> Sequence[CachedPart]:
        """Those of an answer, in its order, where all of it is the same for everybody; otherwise none."""

    @property
    def freshness(self) -> Freshness:
        """How long the answer may be kept that was made with it."""

    def look_up(self, field: "CachedField", key: bytes, source: Any, run: CachedRun) -> Shell | None:
        """What is at hand, without waiting."""

    def fetch(self, field: "CachedField", key: bytes, source: Any, run: CachedRun) -> Awaitable[Shell | None]:
        """What there is, made where it is nowhere. None: the field is answered as if there were no cache."""


class CachedField:
    """How a field is answered whose value is kept. `live`: how it is answered without a cache.

    `coordinates`: Type.field. `max_age`: the least of all that is in the value. `gaps`: the fields that are left out of
    it, as they stand in the operation's plan. `made`: the field without them, in a plan by which its value is made.
    """

    def __init__(self, live: Resolution, field: PlannedField, policy: CachePolicy) -> None:
        self.live = live
        self.field = field
        self.policy = policy
        self.coordinates = f"{field.parent_type.name}.{field.name}"
        self.max_age = policy.max_age
        self.gaps: list[PlannedField] = []
        self.made: PlannedField
        self.made_plan: Plan
        self._digest = b""
        self._variables: tuple[str, ...] = ()

    def value(self, source: Any, run: Any, field: PlannedField, path: Path) -> Any:
        """Without the cache."""
        return self.live.value(source, run, field, path)

    def identify(self, text: str, variables: tuple[str, ...]) -> None:
        """By what the operation says of it, and by the values of these variables."""
        self._digest = _digest(text.encode())
        self._variables = variables

    def key(self, run: CachedRun) -> bytes | None:
        """In ASCII. None where the arguments are the viewer's own, or cannot be written down."""
        if self.policy.personal_arguments and self._is_personal(run):
            return None
        if not self._variables:
            return self._digest
        values = run.variables.coerced
        try:
            return self._digest + _digest(
                orjson.dumps([values.get(name, "\0") for name in self._variables], None, orjson.OPT_SORT_KEYS)
            )
        except TypeError:
            return None

    def _is_personal(self, run: CachedRun) -> bool:
        resolution: Any = getattr(self.live, "key", self.live)
        values = resolution.arguments.values(run, None)
        return any(_found(values.get(first), rest) is not None for first, *rest in self.policy.personal_arguments)


class Fetched:
    """What the cache answered to a field that waited for it, and the field's parent."""

    __slots__ = ("shell", "source")

    def __init__(self, shell: Shell | None, source: Any) -> None:
        self.shell = shell
        self.source = source

    @classmethod
    async def of(cls, fetching: Awaitable[Shell | None], source: Any) -> "Fetched":
        return cls(await fetching, source)


def _found(value: Any, path: list[str]) -> Any:
    for name in path:
        value = getattr(value, name, None)
    return value


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest()[:32].encode()
