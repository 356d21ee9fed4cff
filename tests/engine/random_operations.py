"""Random valid operations for any schema."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
    is_required_argument,
)

# The JSON value of an argument, by its coordinate and the name of its scalar.
Values = Callable[[Random, str, str], Any]


def some_value(random: Random, _coordinate: str, scalar: str) -> Any:
    """A small value of a scalar of the specification, or of Date."""
    return {
        "Int": random.randrange(6),
        "Float": random.randrange(6) / 2,
        "String": random.choice(["a", "日本", '"']),
        "Boolean": random.random() < 0.5,
        "ID": str(random.randrange(9)),
        "Date": f"2026-0{random.randrange(1, 9)}-11",
    }[scalar]


@dataclass
class RandomOperation:
    """One operation. `text`, `variables`: what a client sends. `max_items`: of lists in arguments."""

    schema: GraphQLSchema
    random: Random
    values: Values = some_value
    depth: int = 5
    mutation: bool = False
    exclude: frozenset[str] = frozenset()
    max_items: int = 2
    variables: dict[str, Any] = field(default_factory=dict)
    _declared: list[str] = field(default_factory=list)
    _fragments: list[str] = field(default_factory=list)
    _aliases: int = 0

    @property
    def text(self) -> str:
        kind = "mutation" if self.mutation else "query"
        root = self.schema.mutation_type if self.mutation else self.schema.query_type
        assert root is not None
        selections = self._selections(root, self.depth)
        declared = f"({', '.join(self._declared)})" if self._declared else ""
        return "\n".join([f"{kind} Random{declared} {selections}", *self._fragments])

    def _selections(self, type_: GraphQLNamedType, depth: int) -> str:
        parts = [self._part(type_, depth) for _ in range(self.random.randint(1, 2 + max(depth, 0) // 2))]
        return "{ " + " ".join(["__typename", *(part for part in parts if part)]) + " }"

    def _part(self, type_: GraphQLNamedType, depth: int) -> str:
        roll = self.random.random()
        if depth > 0 and roll < 0.12:
            on = self._narrowed(type_)
            condition = f"... on {on.name}" if self.random.random() < 0.8 or on is not type_ else "..."
            return f"{condition} {self._directive()} {self._selections(on, depth - 1)}"
        if depth > 0 and roll < 0.2:
            on = self._narrowed(type_)
            selections = self._selections(on, depth - 1)
            name = f"Fragment{len(self._fragments)}"
            self._fragments.append(f"fragment {name} on {on.name} {selections}")
            return f"...{name} {self._directive()}"
        return self._field(type_, depth)

    def _narrowed(self, type_: GraphQLNamedType) -> GraphQLNamedType:
        """An object type that the type may be, or an interface of it."""
        if is_abstract_type(type_):
            return self.random.choice([*self.schema.get_possible_types(type_)])
        if is_object_type(type_) and type_.interfaces and self.random.random() < 0.2:
            interface: GraphQLNamedType = self.random.choice(type_.interfaces)
            return interface
        return type_

    def _field(self, type_: GraphQLNamedType, depth: int) -> str:
        fields: dict[str, GraphQLField] = getattr(type_, "fields", {})
        names = [
            name
            for name, one in fields.items()
            if f"{type_.name}.{name}" not in self.exclude
            and (depth > 0 or not is_composite_type(get_named_type(one.type)))
        ]
        if not names:
            return ""
        name = self.random.choice(names)
        found = fields[name]
        named = get_named_type(found.type)
        arguments = self._arguments(type_, name, found)
        # Fields with arguments, or of abstract type, must not be merged with others.
        alias = f"{self._alias()}: " if arguments or self.random.random() < 0.5 or type_.name != "Query" else ""
        below = self._selections(named, depth - 1) if is_composite_type(named) else ""
        return f"{alias}{name}{arguments} {self._directive()} {below}"

    def _alias(self) -> str:
        self._aliases += 1
        return f"a{self._aliases}"

    def _directive(self) -> str:
        roll = self.random.random()
        if roll > 0.2:
            return ""
        name, value = self.random.choice(["skip", "include"]), self.random.random() < 0.5
        if roll > 0.1:
            return f"@{name}(if: {json.dumps(value)})"
        return f"@{name}(if: {self._variable('Boolean!', value)})"

    def _variable(self, type_: str, value: Any) -> str:
        name = f"v{len(self._declared)}"
        default = ""
        roll = self.random.random()
        if roll < 0.3 and type_ in ("Int", "Int!", "Boolean!", "String"):
            default = f" = {json.dumps(value)}"
        # Some variables have a default and a value, and some that may be omitted have neither.
        if roll > 0.95 and not type_.endswith("!"):
            return self._declare(name, type_, "")
        if not default or roll < 0.1:
            self.variables[name] = value
        return self._declare(name, type_, default)

    def _declare(self, name: str, type_: str, default: str) -> str:
        self._declared.append(f"${name}: {type_}{default}")
        return f"${name}"

    def _arguments(self, type_: GraphQLNamedType, name: str, found: GraphQLField) -> str:
        parts = []
        for argument_name, argument in found.args.items():
            coordinate = f"{type_.name}.{name}({argument_name}:)"
            if (not is_required_argument(argument) and self.random.random() < 0.5) or coordinate in self.exclude:
                continue
            value = self._value(coordinate, argument.type, 2)
            if self.random.random() < 0.4:
                parts.append(f"{argument_name}: {self._variable(str(argument.type), value)}")
            else:
                parts.append(f"{argument_name}: {self._literal(value, argument.type)}")
        return f"({', '.join(parts)})" if parts else ""

    def _value(self, coordinate: str, type_: Any, depth: int) -> Any:
        if is_non_null_type(type_):
            type_ = type_.of_type
        elif self.random.random() < 0.1:
            return None
        if is_list_type(type_):
            number = self.random.randint(0, self.max_items)
            return [self._value(coordinate, type_.of_type, depth) for _ in range(number)]
        if isinstance(type_, GraphQLEnumType):
            return self.random.choice([*type_.values])
        if isinstance(type_, GraphQLInputObjectType) and type_.is_one_of:
            name = self.random.choice([*type_.fields])
            return {name: self._value(f"{type_.name}.{name}", GraphQLNonNull(type_.fields[name].type), depth - 1)}
        if isinstance(type_, GraphQLInputObjectType):
            return {
                name: self._value(f"{type_.name}.{name}", one.type, depth - 1)
                for name, one in type_.fields.items()
                if f"{type_.name}.{name}" not in self.exclude
                and (is_required_argument(one) or (depth > 0 and self.random.random() < 0.6))
            }
        return self.values(self.random, coordinate, type_.name)

    def _literal(self, value: Any, type_: Any) -> str:
        if is_non_null_type(type_):
            type_ = type_.of_type
        if value is None:
            return "null"
        if is_list_type(type_):
            return f"[{', '.join(self._literal(item, type_.of_type) for item in value)}]"
        if isinstance(type_, GraphQLEnumType):
            return str(value)
        if isinstance(type_, GraphQLInputObjectType):
            fields = (f"{name}: {self._literal(item, type_.fields[name].type)}" for name, item in value.items())
            return f"{{{', '.join(fields)}}}"
        return json.dumps(value, ensure_ascii=False)
