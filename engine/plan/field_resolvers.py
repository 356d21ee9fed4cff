"""Field resolvers, chosen when the operation is planned."""

from collections.abc import Callable, Sequence
from functools import partial
from inspect import isawaitable
from keyword import iskeyword
from typing import Any

from graphql import GraphQLField, GraphQLObjectType
from graphql.execution.collect_fields import FieldDetails
from strawberry.extensions.field_extension import build_field_extension_resolvers
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from engine.loading.loader_field import loader_field_of
from engine.nodes import FieldPlan, FieldResolver, Path, PlanSource
from engine.plan.arguments import Arguments
from engine.run.context import ExecutionContext
from engine.run.loader_resolver import LoaderResolver
from engine.run.resolve_info import ResolveInfo, lazy_info_class


class TypenameResolver:
    """`__typename`: a constant."""

    def __init__(self, name: str) -> None:
        self.name = name

    def resolve(self, _source: object, _run: ExecutionContext, _field: FieldPlan, _path: Path) -> object:
        return self.name


class AttributeResolver:
    """An attribute of the parent, read by Strawberry's default resolver."""

    def __init__(self, name: str, get: Callable[[object, str], object]) -> None:
        self.name = name
        self.get = get

    @property
    def is_plain(self) -> bool:
        return self.get is getattr and self.name.isidentifier() and not iskeyword(self.name)

    def resolve(self, source: object, _run: ExecutionContext, _field: FieldPlan, _path: Path) -> object:
        return self.get(source, self.name)


class _BoundResolver:
    """The parameters of a resolver, and how to pass them."""

    def __init__(self, resolver: StrawberryResolver[Any], arguments: Arguments, info_class: type) -> None:
        self.arguments = arguments
        self.info_class = lazy_info_class(info_class)
        self.takes_self = resolver.self_parameter is not None
        parents = (resolver.parent_parameter, resolver.root_parameter)
        self.parent_names = tuple(dict.fromkeys(parameter.name for parameter in parents if parameter is not None))
        self.info_name = resolver.info_parameter.name if resolver.info_parameter is not None else None


class FunctionResolver(_BoundResolver):
    """A resolver without extensions, called directly instead of through Strawberry's wrappers."""

    def __init__(
        self,
        function: Callable[..., object],
        resolver: StrawberryResolver[Any],
        arguments: Arguments,
        info_class: type,
        *,
        is_async: bool,
    ) -> None:
        super().__init__(resolver, arguments, info_class)
        self.function = function
        self.is_async = is_async

    def resolve(self, source: object, run: ExecutionContext, field: FieldPlan, path: Path) -> object:
        info = self.info_class(run, field, path) if self.info_name is not None else None
        keywords = self.arguments.values(run, info)
        if self.parent_names or self.info_name is not None:
            keywords = {**keywords, **dict.fromkeys(self.parent_names, source)}
            if self.info_name is not None:
                keywords[self.info_name] = info
        return self.function(source, **keywords) if self.takes_self else self.function(**keywords)


class ExtensionResolver(_BoundResolver):
    """A resolver with field extensions, permissions among them, called through them as Strawberry does."""

    def __init__(
        self, field: StrawberryField, resolver: StrawberryResolver[Any], arguments: Arguments, info_class: type
    ) -> None:
        super().__init__(resolver, arguments, info_class)
        self._field = field
        self._extensions = build_field_extension_resolvers(field)

    def resolve(self, source: object, run: ExecutionContext, field: FieldPlan, path: Path) -> object:
        info = self.info_class(run, field, path)
        return self._call_async(source, run, info) if self._field.is_async else self._call(source, run, info)

    async def _call_async(self, source: object, run: ExecutionContext, info: object) -> object:
        found = self._call(source, run, info)
        return await found if isawaitable(found) else found

    def _call(self, source: object, run: ExecutionContext, info: object) -> object:
        keywords = {**self.arguments.values(run, info)}
        for extension in self._field.extensions:
            keywords = extension.map_arguments(keywords)
        keywords |= dict.fromkeys(self.parent_names, source)
        # Extensions receive the info as a separate argument.
        takes_info = self.info_name == "info"
        if self.info_name is not None and not takes_info:
            keywords[self.info_name] = info

        def result(_source: object, info: Any, **keywords: object) -> object:
            if takes_info:
                keywords["info"] = info
            positional = [source] if self.takes_self else []
            return self._field.get_result(source, info=info, args=positional, kwargs=keywords)

        call: Any = result
        for resolve in self._extensions:
            call = partial(resolve, call)
        return call(source, info, **keywords)


class DefaultResolver:
    """Any other field: calls the resolver of the schema."""

    def __init__(self, resolve: Callable[..., object], arguments: Arguments) -> None:
        self._resolve = resolve
        self._arguments = arguments

    def resolve(self, source: object, run: ExecutionContext, field: FieldPlan, path: Path) -> object:
        return self._resolve(source, ResolveInfo(run, field, path), **self._arguments.values(run, None))


def choose_resolver(
    source: PlanSource, parent_type: GraphQLObjectType, definition: GraphQLField, details: Sequence[FieldDetails]
) -> FieldResolver:
    """The cheapest resolver that returns the same value as the schema's own."""
    if details[0].node.name.value == "__typename":
        return TypenameResolver(parent_type.name)
    strawberry_field = (definition.extensions or {}).get("strawberry-definition")
    if isinstance(strawberry_field, StrawberryField) and _has_default_resolver(source, strawberry_field, definition):
        resolver, is_extended = strawberry_field.base_resolver, bool(strawberry_field.extensions)
        if resolver is None:
            if strawberry_field.python_name is not None and not is_extended:
                return AttributeResolver(strawberry_field.python_name, strawberry_field.default_resolver)
        elif type(resolver) is StrawberryResolver and callable(resolver.wrapped_func):
            if not is_extended:
                return _choose_bound_resolver(source, strawberry_field, resolver, definition, details)
            assert source.info_class is not None
            arguments = Arguments(source, definition, details, strawberry_field)
            return ExtensionResolver(strawberry_field, resolver, arguments, source.info_class)
    return DefaultResolver(definition.resolve or source.field_resolver, Arguments(source, definition, details, None))


def _choose_bound_resolver(
    source: PlanSource,
    strawberry_field: StrawberryField,
    resolver: StrawberryResolver[Any],
    definition: GraphQLField,
    details: Sequence[FieldDetails],
) -> FieldResolver:
    function: Any = resolver.wrapped_func
    declared = loader_field_of(function)
    if declared is not None and isinstance(declared.key, str):
        return LoaderResolver(declared, AttributeResolver(declared.key, getattr))
    assert source.info_class is not None
    called: Any = function if declared is None else declared.key
    is_async = strawberry_field.is_async and declared is None
    arguments = Arguments(source, definition, details, strawberry_field)
    calling = FunctionResolver(called, resolver, arguments, source.info_class, is_async=is_async)
    return calling if declared is None else LoaderResolver(declared, calling)


def _has_default_resolver(source: PlanSource, field: StrawberryField, definition: GraphQLField) -> bool:
    """Whether the schema's resolver only calls the field's own, through its extensions if it has any. That of a
    subscription returns its event instead.
    """
    return (
        not source.strawberry.exception_handlers
        and type(field).get_result is StrawberryField.get_result
        and not field.is_subscription
        and definition.resolve is not None
        and hasattr(definition.resolve, "_is_default")
    )
