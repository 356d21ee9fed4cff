"""Rejects literals of documents that cannot be processed: null characters and long numbers."""

import re
from collections.abc import Iterable

from graphql import (
    ArgumentNode,
    DocumentNode,
    FloatValueNode,
    GraphQLError,
    IntValueNode,
    Node,
    ObjectFieldNode,
    StringValueNode,
    Visitor,
    visit,
)

from engine.errors import ErrorCode, with_code

# Of a number in a document. Python does not parse integers of more than 4,300 digits, and takes long for fewer.
MAX_NUMBER_LENGTH = 100
_LONG_NUMBER = re.compile(rf"[0-9.eE+-]{{{MAX_NUMBER_LENGTH + 1}}}")


def check_literals(text: str, tree: DocumentNode, *, allow_null_characters: bool) -> list[GraphQLError]:
    """Errors for strings with null characters, literal or escaped, if these are not allowed, and for long numbers."""
    has_null = not allow_null_characters and ("\\u0000" in text or "\\u{0" in text or "\x00" in text)
    if not has_null and not _LONG_NUMBER.search(text):
        return []
    visitor = _LiteralVisitor(allow_null_characters=allow_null_characters)
    visit(tree, visitor)
    return visitor.errors


def null_character_error(name: str, node: Node | None = None) -> GraphQLError:
    return with_code(GraphQLError(f"`{name}` must not contain null characters.", node), ErrorCode.BAD_USER_INPUT)


class _LiteralVisitor(Visitor):
    def __init__(self, *, allow_null_characters: bool) -> None:
        super().__init__()
        self._allow_null_characters = allow_null_characters
        self.errors: list[GraphQLError] = []

    def enter_string_value(
        self, node: StringValueNode, _key: object, parent: object, _path: object, ancestors: Iterable[object]
    ) -> None:
        if not self._allow_null_characters and "\x00" in node.value:
            self.errors.append(null_character_error(_name(parent, ancestors), node))

    def enter_int_value(
        self, node: IntValueNode, _key: object, parent: object, _path: object, ancestors: Iterable[object]
    ) -> None:
        self._check_length(node, _name(parent, ancestors))

    def enter_float_value(
        self, node: FloatValueNode, _key: object, parent: object, _path: object, ancestors: Iterable[object]
    ) -> None:
        self._check_length(node, _name(parent, ancestors))

    def _check_length(self, node: IntValueNode | FloatValueNode, name: str) -> None:
        length = len(node.value)
        if length > MAX_NUMBER_LENGTH:
            message = f"`{name}`: number of {length} characters exceeds the limit of {MAX_NUMBER_LENGTH}."
            self.errors.append(with_code(GraphQLError(message, node), ErrorCode.BAD_USER_INPUT))


def _name(parent: object, ancestors: Iterable[object]) -> str:
    """The name of the argument or input field that has the value."""
    named = [part for part in (*ancestors, parent) if isinstance(part, ArgumentNode | ObjectFieldNode)]
    return named[-1].name.value if named else "value"
