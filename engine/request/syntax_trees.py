"""Syntax trees without what is of no use once they are valid, and without cycles: they are freed at once."""

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

_NOT_POINTED_AT = (NameNode, SelectionSetNode, TypeNode)


def parse_tree(text: str, max_tokens: int) -> tuple[DocumentNode, int]:
    """The tree, and the number of its tokens.

    Raises GraphQLSyntaxError, and RecursionError for what is nested too deeply.
    """
    source = Source(text)
    lexer = Lexer(source)
    try:
        tree = Parser(source, max_tokens=max_tokens, lexer=lexer).parse_document()
    except (GraphQLSyntaxError, RecursionError):
        _unlink(lexer.token)
        raise
    return tree, _unlink(lexer.token)


def _unlink(token: Token | None) -> int:
    """Cuts the list in which tokens are linked both ways, and counts them, comments too. `token`: the last one."""
    # A syntax error may have been found by looking ahead.
    while token is not None and token.next is not None:
        token = token.next
    count = 0
    while token is not None:
        before = token.prev
        token.prev = token.next = None
        token = before
        count += 1
    return count


def drop_locations(tree: DocumentNode) -> None:
    """Of what no error of an execution points at; and of the others, the tokens that they began and ended with.

    They are most of a tree's objects, each of which the collector looks at.
    """
    pending: list[Node] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, _NOT_POINTED_AT):
            # Nodes are frozen for those who share them, and nobody else has this one yet.
            object.__setattr__(node, "loc", None)
        elif node.loc is not None:
            node.loc.start_token = node.loc.end_token = None  # type: ignore[assignment]  # nobody reads them any more
        for key in QUERY_DOCUMENT_KEYS.get(node.kind, ()):
            child = getattr(node, key, None)
            if isinstance(child, Node):
                pending.append(child)
            elif child:
                pending.extend(child)


def discard(tree: DocumentNode) -> None:
    """Takes a tree apart that nobody needs: a validation that was aborted leaves a definition in a cycle."""
    for definition in tree.definitions:
        for key in QUERY_DOCUMENT_KEYS.get(definition.kind, ()):
            object.__setattr__(definition, key, None)
