"""Files with the documents of an app: the manifest of a build tool, or GraphQL with one document for each operation."""

from collections import Counter
from pathlib import Path

import click
from graphql import GraphQLSyntaxError, OperationDefinitionNode, parse, print_ast, separate_operations

from common.text import hash_document
from domain.document_manifests import ManifestDocument, ManifestError, read_manifest

_MAX_BYTES = 64 * 1024 * 1024
_GRAPHQL_SUFFIXES = (".graphql", ".gql")


def read_document_file(file: Path) -> list[ManifestDocument]:
    """Raises ClickException with all problems."""
    if file.stat().st_size > _MAX_BYTES:
        raise click.ClickException(f"{file} has more than {_MAX_BYTES} bytes.")
    data = file.read_bytes()
    try:
        return _split_operations(data) if file.suffix in _GRAPHQL_SUFFIXES else read_manifest(data)
    except ManifestError as error:
        raise click.ClickException("\n".join(f"{file}: {problem}" for problem in error.problems)) from None


def _split_operations(data: bytes) -> list[ManifestDocument]:
    """Each operation with the fragments that it uses; the ids are hashes. Raises ManifestError."""
    try:
        document = parse(data.decode())
    except (GraphQLSyntaxError, UnicodeDecodeError, RecursionError) as error:
        raise ManifestError(str(error)) from None
    names = Counter(_name_of(one) for one in document.definitions if isinstance(one, OperationDefinitionNode))
    repeated = [f"{count} operations have the name {name!r}." for name, count in names.items() if count > 1]
    if repeated or not names:
        raise ManifestError(*(repeated or ["It has no operations."]))
    texts = [print_ast(one) for one in separate_operations(document).values()]
    return [ManifestDocument(hash_document(text), text) for text in texts]


def _name_of(operation: OperationDefinitionNode) -> str:
    return operation.name.value if operation.name else ""
