"""Families of documents, each expensive for one validation rule.

They are valid for ShinJP's schema and of any length.
"""

from collections.abc import Callable, Iterable

from graphql import Lexer, Source, TokenKind

TYPES = ("Book", "Card", "Textbook", "Vocabulary", "Kanji")


def _each(number: int, write: Callable[[int], str]) -> str:
    return " ".join(map(write, range(number)))


def _query(parts: str | Iterable[str]) -> str:
    return f"{{ {parts if isinstance(parts, str) else ' '.join(parts)} }}"


def _chain(name: str, number: int, also: str = "") -> str:
    links = _each(number, lambda i: f"fragment {name}{i} on Query {{ ...{name}{i + 1} {also} }}")
    return f"{links} fragment {name}{number} on Query {{ __typename }}"


FAMILIES: dict[str, Callable[[int], str]] = {
    "distinct leaves": lambda n: _query(_each(n, lambda i: f"a{i}: __typename")),
    "same leaf": lambda n: _query("__typename " * n),
    "same arguments": lambda n: _query('kanji(character: "a") { character } ' * n),
    "same nested": lambda n: _query("viewer { user { id } } " * n),
    "same in fragment": lambda n: (
        f"{_query('viewer { user { id } } ' * n + '...F')} fragment F on Query " + _query("viewer { user { id } } " * n)
    ),
    "conflicts": lambda n: _query(_each(n, lambda i: f'a: kanji(character: "{i}") {{ character }}')),
    "unknown fields": lambda n: _query(_each(n, lambda i: f"boks{i}")),
    "unknown same field": lambda n: _query("boks " * n),
    "unknown types": lambda n: _query(_each(n, lambda i: f"... on Vocabular{i} {{ a }}")),
    "unknown directives": lambda n: _query(f"__typename {_each(n, lambda i: f'@incude{i}')}"),
    "unknown arguments": lambda n: _query(f"kanji({_each(n, lambda i: f'charcter{i}: 1')}) {{ id }}"),
    "unknown input fields": lambda n: _query(
        f"books(filter: {{ {_each(n, lambda i: f'titl{i}: 1')} }}) {{ totalCount }}"
    ),
    "wrong enum values": lambda n: _query(_each(n, lambda i: f"a{i}: books(orderBy: TITL{i}) {{ totalCount }}")),
    "same directives": lambda n: _query("__typename " + "@include(if: true) " * n),
    "same arguments of a field": lambda n: _query(f"""kanji({'character: "a" ' * n}) {{ id }}"""),
    "long list": lambda n: _query(f"nodes(ids: [{'1 ' * n}]) {{ id }}"),
    "long wrong list": lambda n: _query(f"nodes(ids: [{'a ' * n}]) {{ id }}"),
    "operations": lambda n: _each(n, lambda i: f"query Q{i} {{ __typename }}"),
    "operations with fragments": lambda n: _each(n, lambda i: f"query Q{i} {{ ...F0 }}") + _chain("F", n),
    "chain of fragments": lambda n: "{ ...F0 } " + _chain("F", n),
    "two chains of fragments": lambda n: (
        "{ ...A0 ...B0 } " + _chain("A", n, "__typename") + _chain("B", n, "__typename")
    ),
    "many fragments": lambda n: (
        _query(_each(n, lambda i: f"...F{i}")) + _each(n, lambda i: f"fragment F{i} on Query {{ __typename }}")
    ),
    "colocated fragments": lambda n: (
        f"{{ books(first: 5) {{ nodes {{ {_each(n, lambda i: f'...F{i}')} }} }} }}"
        + _each(n, lambda i: f"fragment F{i} on Book {{ id __typename title author progress {{ percent }} }}")
    ),
    "a fragment in many places": lambda n: (
        _query(_each(n, lambda i: f"a{i}: viewer {{ ...F }}")) + f" fragment F on Viewer {{ {'__typename ' * 4 * n} }}"
    ),
    "same fragments": lambda n: "{ ...F }" + "fragment F on Query { __typename } " * n,
    "unused fragments": lambda n: "{ __typename } " + _each(n, lambda i: f"fragment F{i} on Query {{ __typename }}"),
    "variables": lambda n: (
        f"query({_each(n, lambda i: f'$v{i}: Int')}) "
        + _query(_each(n, lambda i: f"a{i}: books(first: $v{i}) {{ totalCount }}"))
    ),
    "unused variables": lambda n: f"query({_each(n, lambda i: f'$v{i}: Int')}) {{ __typename }}",
    "undefined variables": lambda n: _query(_each(n, lambda i: f"a{i}: books(first: $v{i}) {{ totalCount }}")),
    "same variables": lambda n: f"query({'$v: Int ' * n}) {{ __typename }}",
    "inline fragments": lambda n: _query("... on Query { __typename } " * n),
    "inline fragments of an interface": lambda n: (
        '{ node(id: "1") ' + _query("... on Node { id ... on Book { id } } " * n) + " }"
    ),
    "inline fragments of objects": lambda n: (
        '{ node(id: "1") ' + _query(_each(n, lambda i: f"... on {TYPES[i % len(TYPES)]} {{ a: id }}")) + " }"
    ),
    "subscription": lambda n: f"subscription {{ {'a { b } ' * n} }}",
    "introspection": lambda n: f"{{ __schema {{ types {{ {'fields { name } ' * n} }} }} }}",
}


def hostile_document(family: str, tokens: int) -> str:
    """A document of about that many tokens."""
    write = FAMILIES[family]
    few, many = (_token_count(write(number)) for number in (10, 20))
    return write(int(10 + (tokens - few) * 10 / (many - few)))


def _token_count(text: str) -> int:
    lexer, count = Lexer(Source(text)), 0
    while lexer.advance().kind is not TokenKind.EOF:
        count += 1
    return count
