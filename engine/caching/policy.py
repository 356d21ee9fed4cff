"""Cache policies of fields, and cached fields of a plan."""

import hashlib
import math
from collections.abc import Awaitable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import orjson
from graphql import GraphQLField, GraphQLObjectType
from graphql.execution import VariableValues

from engine.budget import ResultLimits
from engine.caching.template import Template
from engine.nodes import FieldPlan, FieldResolver, Path, Plan


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """How long, in seconds, and for whom a value may be cached. `is_private`: for one viewer.

    `viewer_arguments`: paths of arguments, such as ("filter", "status"), that prevent caching if given.
    `viewer_values`: arguments that prevent caching if they have this value.
    """

    max_age: int
    is_private: bool
    viewer_arguments: tuple[tuple[str, ...], ...] = ()
    viewer_values: tuple[tuple[str, object], ...] = ()


class CachePolicies(Protocol):
    """The policies of a schema. That of a field makes it cacheable; that of a type allows its objects inside of cached
    values.
    """

    def of_field(self, type_: GraphQLObjectType, name: str, field: GraphQLField) -> CachePolicy | None: ...
    def of_type(self, type_: GraphQLObjectType) -> CachePolicy | None: ...


class CacheControl(NamedTuple):
    """Of a response: when its oldest part was computed, and until when all parts are fresh, in seconds since 1970.

    Private if any part is. `tags`: the cache tags of all parts.
    """

    computed_at: float
    fresh_until: float
    is_private: bool
    tags: Collection[str] = ()


NO_STORE = CacheControl(math.inf, 0.0, is_private=True)


class CachedRootField(NamedTuple):
    """A root field of a response with its value in the cache: response key, schema coordinates and cache key."""

    response_key: bytes
    coordinates: str
    key: bytes


class CachedRun(Protocol):
    """What the cache reads of an `engine.run.context.ExecutionContext`."""

    @property
    def plan(self) -> Plan: ...
    @property
    def context(self) -> object: ...
    @property
    def variables(self) -> VariableValues: ...
    @property
    def limits(self) -> ResultLimits: ...


class FieldCacheView(Protocol):
    """The field cache as one request sees it."""

    @property
    def parts(self) -> Sequence[CachedRootField]:
        """The root fields of the response in their order, if all are cached and public; otherwise none."""

    @property
    def freshness(self) -> CacheControl:
        """How long the response may be cached."""

    def get_local(self, field: "CachedField", key: bytes, source: object, run: CachedRun) -> Template | None:
        """The template, if it is in memory."""

    def get_or_compute(
        self, field: "CachedField", key: bytes, source: object, run: CachedRun
    ) -> Awaitable[Template | None]:
        """The template, from the shared cache or computed. None to resolve the field without the cache."""


class CachedField:
    """The resolver of a cached field. `resolver`: resolves it without the cache.

    `coordinates`: Type.field. `max_age`: the minimum of all fields in the value. `holes`: per-viewer fields, as the
    operation's plan has them. `template_field`: the field in the plan that computes its template, with hole resolvers.
    `key_text`: the field as the operation selects it. `variables`: names of the variables in it.
    """

    def __init__(
        self,
        resolver: FieldResolver,
        field: FieldPlan,
        policy: CachePolicy,
        *,
        max_age: int,
        holes: Sequence[FieldPlan],
        template_field: FieldPlan,
        template_plan: Plan,
        key_text: str,
        variables: Sequence[str],
    ) -> None:
        self.resolver = resolver
        self.field = field
        self.policy = policy
        self.coordinates = f"{field.parent_type.name}.{field.name}"
        self.max_age = max_age
        self.holes = holes
        self.template_field = template_field
        self.template_plan = template_plan
        self._digest = _digest(key_text.encode())
        self._variables = variables

    def resolve(self, source: object, run: Any, field: FieldPlan, path: Path) -> object:
        """Without the cache."""
        return self.resolver.resolve(source, run, field, path)

    def key(self, run: CachedRun) -> bytes | None:
        """In ASCII. None if the arguments are the viewer's own, or cannot be encoded."""
        if (self.policy.viewer_arguments or self.policy.viewer_values) and self._has_viewer_arguments(run):
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

    def _has_viewer_arguments(self, run: CachedRun) -> bool:
        resolver: Any = getattr(self.resolver, "key", self.resolver)
        values = resolver.arguments.values(run, None)
        return any(_found(values.get(first), rest) is not None for first, *rest in self.policy.viewer_arguments) or any(
            values.get(name) == value for name, value in self.policy.viewer_values
        )


class CacheLookup:
    """The result of a lookup that was awaited, with the field's parent."""

    __slots__ = ("source", "template")

    def __init__(self, template: Template | None, source: object) -> None:
        self.template = template
        self.source = source

    @classmethod
    async def of(cls, fetching: Awaitable[Template | None], source: object) -> "CacheLookup":
        return cls(await fetching, source)


def _found(value: object, path: list[str]) -> object:
    for name in path:
        value = getattr(value, name, None)
    return value


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest()[:32].encode()
