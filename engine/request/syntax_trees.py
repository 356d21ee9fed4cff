"""ASTs without parts that are not needed after validation, and without reference cycles, so that they are freed
immediately.
"""

from graphql import (
    DocumentNode,
    GraphQLSyntaxError,
    Lexer,
    NameNode,
    Node,
    SelectionSetNode,
    Source,
    Token,
    TypeNode,
)
from graphql.language.ast import QUERY_DOCUMENT_KEYS
from graphql.language.parser import Parser

_NOT_POINTED_AT = (SelectionSetNode, TypeNode)


def parse_tree(text: str, max_tokens: int) -> tuple[DocumentNode, int]:
    """The AST and its number of tokens. Raises GraphQLSyntaxError, and RecursionError if it is nested too deeply."""
    source = Source(text)
    lexer = Lexer(source)
    try:
        tree = Parser(source, max_tokens=max_tokens, lexer=lexer).parse_document()
    except (GraphQLSyntaxError, RecursionError):
        _unlink(lexer.token)
        raise
    return tree, _unlink(lexer.token)


def _unlink(token: Token | None) -> int:
    """Unlinks the doubly linked list of tokens, and counts them with comments. `token`: the last one."""
    # A syntax error may have been found by lookahead.
    while token is not None and token.next is not None:
        token = token.next
    count = 0
    while token is not None:
        before = token.prev
        token.prev = token.next = None
        token = before
        count += 1
    return count


def compact(tree: DocumentNode) -> None:
    """Removes locations that no execution error refers to and the tokens of the others, and shares equal names.

    They are most of the objects of an AST, and the garbage collector visits each of them.
    """
    names: dict[str, NameNode] = {}
    pending: list[Node] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, _NOT_POINTED_AT):
            _replace(node, "loc", None)
        elif node.loc is not None:
            node.loc.start_token = node.loc.end_token = None  # type: ignore[assignment]  # declared as never None
        for key in QUERY_DOCUMENT_KEYS.get(node.kind, ()):
            child = getattr(node, key, None)
            if isinstance(child, NameNode):
                _replace(child, "loc", None)
                _replace(node, key, names.setdefault(child.value, child))
            elif isinstance(child, Node):
                pending.append(child)
            elif child:
                pending.extend(child)


def _replace(node: Node, attribute: str, value: object) -> None:
    # Nodes are frozen because they are shared; those of a new document are not yet.
    object.__setattr__(node, attribute, value)


def discard(tree: DocumentNode) -> None:
    """Clears an AST, because an aborted validation leaves a reference cycle with a definition."""
    for definition in tree.definitions:
        for key in QUERY_DOCUMENT_KEYS.get(definition.kind, ()):
            _replace(definition, key, None)
