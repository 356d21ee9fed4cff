"""How the value of a field is got: decided once, when the operation is planned."""

from collections.abc import Callable, Sequence
from functools import partial
from inspect import isawaitable
from keyword import iskeyword
from typing import Any

from graphql import GraphQLField, GraphQLObjectType
from strawberry.extensions.field_extension import build_field_extension_resolvers
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from engine.loading.loader_field import LoaderField, declared_on
from engine.plan.arguments import Arguments
from engine.plan.nodes import Path, PlannedField, PlanSource, Resolution
from engine.run.context import Run
from engine.run.resolve_info import ResolveInfo, lazy_info_class


class Constant:
    """`__typename`: the same for every parent."""

    def __init__(self, name: str) -> None:
        self.name = name

    def value(self, _source: Any, _run: Run, _field: PlannedField, _path: Path) -> Any:
        return self.name


class Attribute:
    """An attribute of the parent, got by Strawberry's default resolver."""

    def __init__(self, name: str, get: Callable[[Any, str], Any]) -> None:
        self.name = name
        self.get = get

    @property
    def is_plain(self) -> bool:
        return self.get is getattr and self.name.isidentifier() and not iskeyword(self.name)

    def value(self, source: Any, _run: Run, _field: PlannedField, _path: Path) -> Any:
        return self.get(source, self.name)


class _Called:
    """What a resolver takes, and how it is called with it."""

    def __init__(self, resolver: StrawberryResolver[Any], arguments: Arguments, info_class: type) -> None:
        self.arguments = arguments
        self.info_class = lazy_info_class(info_class)
        self.takes_self = resolver.self_parameter is not None
        parents = (resolver.parent_parameter, resolver.root_parameter)
        self.parent_names = tuple(dict.fromkeys(parameter.name for parameter in parents if parameter is not None))
        self.info_name = resolver.info_parameter.name if resolver.info_parameter is not None else None


class Function(_Called):
    """A resolver that nothing wraps, called as Strawberry would call it, without what Strawberry does on the way."""

    def __init__(
        self,
        function: Callable[..., Any],
        resolver: StrawberryResolver[Any],
        arguments: Arguments,
        info_class: type,
        *,
        is_async: bool,
    ) -> None:
        super().__init__(resolver, arguments, info_class)
        self.function: Any = function
        self.is_async = is_async

    def value(self, source: Any, run: Run, field: PlannedField, path: Path) -> Any:
        info = self.info_class(run, field, path) if self.info_name is not None else None
        keywords = self.arguments.values(run, info)
        if self.parent_names or self.info_name is not None:
            keywords = {**keywords, **dict.fromkeys(self.parent_names, source)}
            if self.info_name is not None:
                keywords[self.info_name] = info
        return self.function(source, **keywords) if self.takes_self else self.function(**keywords)


class Extended(_Called):
    """A resolver with extensions, of which permissions are one kind: called through them, as Strawberry would."""

    def __init__(
        self, field: StrawberryField, resolver: StrawberryResolver[Any], arguments: Arguments, info_class: type
    ) -> None:
        super().__init__(resolver, arguments, info_class)
        self._field = field
        self._extensions = build_field_extension_resolvers(field)

    def value(self, source: Any, run: Run, field: PlannedField, path: Path) -> Any:
        info = self.info_class(run, field, path)
        return self._awaited(source, run, info) if self._field.is_async else self._value(source, run, info)

    async def _awaited(self, source: Any, run: Run, info: Any) -> Any:
        found = self._value(source, run, info)
        return await found if isawaitable(found) else found

    def _value(self, source: Any, run: Run, info: Any) -> Any:
        keywords = {**self.arguments.values(run, info)}
        for extension in self._field.extensions:
            keywords = extension.map_arguments(keywords)
        keywords |= dict.fromkeys(self.parent_names, source)
        # Extensions are given the info as an argument of their own.
        takes_info = self.info_name == "info"
        if self.info_name is not None and not takes_info:
            keywords[self.info_name] = info

        def result(_source: Any, info: Any, **keywords: Any) -> Any:
            if takes_info:
                keywords["info"] = info
            positional = [source] if self.takes_self else []
            return self._field.get_result(source, info=info, args=positional, kwargs=keywords)

        call: Any = result
        for resolve in self._extensions:
            call = partial(resolve, call)
        return call(source, info, **keywords)


class Loaded:
    """What a loader has for a key that the parent or the arguments give. Keys are handed over level by level."""

    def __init__(self, declared: LoaderField[Any], key: Attribute | Function) -> None:
        self.declared = declared
        self.key = key

    def value(self, _source: Any, _run: Run, _field: PlannedField, _path: Path) -> Any:
        """Where there is no key."""
        return self.declared.value(None)


class Wrapped:
    """Any other field, through the resolver that the schema has for it."""

    def __init__(self, resolve: Callable[..., Any], arguments: Arguments) -> None:
        self._resolve = resolve
        self._arguments = arguments

    def value(self, source: Any, run: Run, field: PlannedField, path: Path) -> Any:
        return self._resolve(source, ResolveInfo(run, field, path), **self._arguments.values(run, None))


def resolution_of(
    source: PlanSource, parent_type: GraphQLObjectType, definition: GraphQLField, details: Sequence[Any]
) -> Resolution:
    """The cheapest that gives the same value as the schema's own resolver."""
    if details[0].node.name.value == "__typename":
        return Constant(parent_type.name)
    strawberry_field = (definition.extensions or {}).get("strawberry-definition")
    if isinstance(strawberry_field, StrawberryField) and _is_strawberrys(source, strawberry_field, definition):
        resolver, is_extended = strawberry_field.base_resolver, bool(strawberry_field.extensions)
        if resolver is None:
            if strawberry_field.python_name is not None and not is_extended:
                return Attribute(strawberry_field.python_name, strawberry_field.default_resolver)
        elif type(resolver) is StrawberryResolver and callable(resolver.wrapped_func):
            if not is_extended:
                return _resolver_of(source, strawberry_field, resolver, definition, details)
            assert source.info_class is not None
            arguments = Arguments(source, definition, details, strawberry_field)
            return Extended(strawberry_field, resolver, arguments, source.info_class)
    return Wrapped(definition.resolve or source.field_resolver, Arguments(source, definition, details, None))


def _resolver_of(
    source: PlanSource,
    strawberry_field: StrawberryField,
    resolver: StrawberryResolver[Any],
    definition: GraphQLField,
    details: Sequence[Any],
) -> Resolution:
    function: Any = resolver.wrapped_func
    declared = declared_on(function)
    if declared is not None and isinstance(declared.key, str):
        return Loaded(declared, Attribute(declared.key, getattr))
    assert source.info_class is not None
    called: Any = function if declared is None else declared.key
    is_async = strawberry_field.is_async and declared is None
    arguments = Arguments(source, definition, details, strawberry_field)
    calling = Function(called, resolver, arguments, source.info_class, is_async=is_async)
    return calling if declared is None else Loaded(declared, calling)


def _is_strawberrys(source: PlanSource, field: StrawberryField, definition: GraphQLField) -> bool:
    """Whether the schema's resolver does nothing but call the field's own, through its extensions where it has some.

    That of a subscription passes its event.
    """
    return (
        not source.strawberry.exception_handlers
        and type(field).get_result is StrawberryField.get_result
        and not field.is_subscription
        and definition.resolve is not None
        and hasattr(definition.resolve, "_is_default")
    )
