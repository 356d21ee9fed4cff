"""Checks the documents of an app before they are registered."""

from collections.abc import Iterator
from pathlib import Path

import click

from domain.trusted_documents import CheckedDocument
from engine.request.document_cache import DocumentCache
from engine.request.document_lints import describe_lints
from engine.request.document_report import report_document
from schema import schema
from server.cli.databases import echo
from server.cli.document_files import read_document_file
from server.graphql.operations import build_documents, build_limits
from server.mcp.tools import ToolError, build_list, build_tool
from server.settings import Settings

# Of one document.
_MAX_WARNINGS = 20


def check_documents(
    file: Path, settings: Settings, *, tools: bool, shows_warnings: bool = True
) -> list[CheckedDocument]:
    """Return the documents of the file; print what is likely to be regretted.

    Raises ClickException with all problems.
    """
    manifest = read_document_file(file)
    cache, limits = build_documents(settings), build_limits(settings)
    checked: list[CheckedDocument] = []
    problems: list[str] = []
    for id, text in manifest:
        # Agents have no cache, and read every field.
        report = report_document(cache, limits, text, checks_ids=not tools)
        problems += (f"{id}: {problem}" for problem in report.problems)
        if shows_warnings:
            for line in describe_lints(report.lints, _MAX_WARNINGS):
                echo(f"{id}: warning: {line}")
        checked.append(CheckedDocument(id, text, report.operation, report.kind, report.cost))
    if tools and not problems:
        problems += _find_tool_problems(cache, checked)
    if problems:
        raise click.ClickException("\n".join(problems))
    return checked


def print_report(checked: list[CheckedDocument]) -> None:
    """Print the three most expensive documents."""
    for document in sorted(checked, key=lambda one: one.cost, reverse=True)[:3]:
        echo(f"{document.id}: {document.operation} costs up to {document.cost} with default values of its variables.")


def _find_tool_problems(cache: DocumentCache, documents: list[CheckedDocument]) -> Iterator[str]:
    """Print the size of the list of tools, of which each agent reads all."""
    built = []
    for checked in documents:
        try:
            built.append(build_tool(schema._schema, checked.id, cache.get(checked.text, introspection=False)))
        except ToolError as error:
            yield f"{checked.id}: {error}"
    try:
        echo(f"The definitions of {len(built)} tools have {len(build_list(built).encoded)} bytes.")
    except ToolError as error:
        yield str(error)
