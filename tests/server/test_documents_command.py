"""`shinjp documents` registers the manifests of client tools, and changes the states of versions."""

import json
from pathlib import Path

import click
import pytest

from domain.document_manifests import ManifestError, read_manifest
from server.cli.document_files import read_document_file
from tests.databases import column, execute
from tests.documents_command import MANIFESTS, push_documents, run_documents

KANJI = 'query Kanji { kanji(character: "水") { meanings } }'
BOOKS = "query Books($first: Int = 5) { books(first: $first) { nodes { title } } }"
USE = """
    insert into usage_counts (kind, name, day, client, version, count, last_used_at)
    select 'DOCUMENT', '{0}', current_date - {2}, '{1}', '', 1, now() - interval '{2} days'
"""


@pytest.mark.parametrize(
    ("tool", "operations"),
    [
        ("apollo", ["DueCards", "Kanji", "SetNewCards", "Words"]),
        ("relay", ["KanjiQuery", "KanjiSettingsMutation"]),
        ("codegen", ["Book", "Dashboard"]),
    ],
)
async def test_manifests_of_tools_are_registered(shared_database_url: str, tool: str, operations: list[str]) -> None:
    push = ("push", MANIFESTS / f"{tool}.json", "--app", tool, "--version", "1.0.0")
    for added in (len(operations), 0):
        status, printed = await run_documents(shared_database_url, *push)
        assert (status, printed[-1]) == (
            0,
            f"Registered {tool} 1.0.0: {len(operations)} documents, {added} of them new.",
        )
    own = f"from app_version_documents join trusted_documents on id = document_id where app = '{tool}'"
    assert await column(shared_database_url, f"select operation {own} order by 1") == operations
    _, listed = await run_documents(shared_database_url, "list", "--app", tool)
    assert [line.split("\t")[:3] for line in listed] == [[tool, "1.0.0", "active"]]


async def test_all_problems_are_reported_together(shared_database_url: str, tmp_path: Path) -> None:
    deep = "viewer { " * 20 + "id" + " }" * 20
    texts = {
        "unknown": "query A { ghost }",
        "syntax": "query B {",
        "nameless": "{ __typename }",
        "two": "query C { __typename } query D { __typename }",
        "introspection": "query E { __schema { types { name } } }",
        "expensive": "query F { books(first: 100) { nodes { vocabulary(first: 100) { nodes { word } } } } "
        "b: books(first: 100) { nodes { vocabulary(first: 100) { nodes { sentences(first: 100) { text } } } } } }",
        "long": f"query G {{ __typename }} # {'x' * 70_000}",
        "deep": f"query H {{ {deep} }}",
        "valid": KANJI,
    }
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps(texts))
    status, printed = await run_documents(shared_database_url, "push", file, "--app", "bad", "--version", "1")
    problems = [line.removeprefix("Error: ") for line in printed if ": warning: " not in line]
    assert status == 1
    assert {problem.partition(":")[0] for problem in problems} == texts.keys() - {"valid"}
    assert await column(shared_database_url, "select count(*) from app_versions where app = 'bad'") == [0]


async def test_warnings_do_not_fail(shared_database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps({"books": "query Books { books { nodes { title } } all: books { totalCount } }"}))
    status, printed = await run_documents(shared_database_url, "push", file, "--app", "warned", "--version", "1")
    assert (status, printed[-1]) == (0, "Registered warned 1: 1 documents, 1 of them new.")
    warnings = [line for line in printed if line.startswith("books: warning: ")]
    # The size of the other list does not matter: only its total is selected.
    assert len(warnings) == 2
    assert "Books > books: The list has its default size" in warnings[0]
    assert "Books > books > nodes: `id` of Book is not selected" in warnings[1]
    # Agents have no normalized cache.
    file.write_text('"""Lists books."""\nquery Books { books { nodes { title } } }')
    tools = file.rename(tmp_path / "tools.graphql")
    options = "--app", "agents", "--version", "1", "--tools", "--dry-run"
    status, printed = await run_documents(shared_database_url, "push", tools, *options)
    assert status == 0
    assert [line.partition(": warning: ")[2][:13] for line in printed if "warning" in line] == ["Books > books"]


async def test_ids_and_versions_never_change(shared_database_url: str, tmp_path: Path) -> None:
    await push_documents(shared_database_url, tmp_path, {"a": KANJI}, "fixed")
    for texts, version, message in (
        ({"a": BOOKS}, "other", "Another document has the id already: a."),
        ({"b": BOOKS}, "fixed", "web fixed is registered with other documents."),
    ):
        file = tmp_path / "changed.json"
        file.write_text(json.dumps(texts))
        with pytest.raises(Exception, match=message):
            await run_documents(shared_database_url, "push", file, "--app", "web", "--version", version)


async def test_version_is_retired_when_its_own_documents_are_unused(shared_database_url: str, tmp_path: Path) -> None:
    await push_documents(shared_database_url, tmp_path, {"k": KANJI, "shared": BOOKS}, "r1")
    await push_documents(shared_database_url, tmp_path, {"shared": BOOKS}, "r2")
    for document, client, days in (("k", "ios", 3), ("k", "android", 40), ("shared", "web", 0)):
        await execute(shared_database_url, USE.format(document, client, days))
    assert await run_documents(shared_database_url, "state", "web", "r1", "deprecated") == (
        0,
        ["web r1 is deprecated."],
    )
    with pytest.raises(Exception, match=r"web r1 is in use: .* in the last 30 days by the clients ios\. Last use: "):
        await run_documents(shared_database_url, "state", "web", "r1", "retired")
    with pytest.raises(Exception, match=r"by the clients android, ios\."):
        await run_documents(shared_database_url, "state", "web", "r1", "retired", "--days", "60")
    status, _ = await run_documents(shared_database_url, "state", "web", "r1", "retired", "--days", "2")
    assert status == 0
    _, listed = await run_documents(shared_database_url, "list", "--app", "web")
    states = {line.split("\t")[1]: line.split("\t") for line in listed}
    assert states["r1"][2] == "retired"
    # It now is the only one that has this document.
    assert states["r2"][5] == "1"
    assert states["r2"][7] == "web"
    with pytest.raises(Exception, match=r"web r2 is in use: .* by the clients web\."):
        await run_documents(shared_database_url, "state", "web", "r2", "retired")
    assert (await run_documents(shared_database_url, "state", "web", "r2", "retired", "--force"))[0] == 0
    with pytest.raises(Exception, match=r"web r2 is retired\. `shinjp documents state web r2 active`"):
        await push_documents(shared_database_url, tmp_path, {"shared": BOOKS}, "r2")
    with pytest.raises(Exception, match="web has no version r3"):
        await run_documents(shared_database_url, "state", "web", "r3", "retired")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("{", "not valid JSON"),
        ("[]", "not an object"),
        ("{}", "no documents"),
        ('{"format": "other", "version": 1}', "'other', version 1"),
        ('{"format": "apollo-persisted-query-manifest", "version": 2}', "version 2"),
        ('{"format": "apollo-persisted-query-manifest", "version": 1, "operations": {}}', "not a list"),
        ('{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [1]}', "not an object"),
        ('{"a/b": "{ a }", "c": 1}', "'c': its document is not a string"),
        (
            '{"format": "apollo-persisted-query-manifest", "version": 1, "operations": '
            '[{"id": "a", "body": ""}, {"id": "a", "body": ""}]}',
            "occurs twice",
        ),
        (f'{{"sha256:{"0" * 64}": "query A {{ __typename }}"}}', "is not the hash of its document"),
    ],
)
def test_malformed_manifest_is_rejected(data: str, problem: str) -> None:
    with pytest.raises(ManifestError, match=problem):
        read_manifest(data.encode())


def test_operations_with_one_name_are_rejected(tmp_path: Path) -> None:
    """Only one of them would be registered."""
    file = tmp_path / "operations.graphql"
    file.write_text(f"{BOOKS}\n{KANJI}\n{BOOKS}\nquery Other {{ __typename }}")
    with pytest.raises(click.ClickException, match="2 operations have the name 'Books'"):
        read_document_file(file)
    file.write_text("{ __typename } { books { totalCount } }")
    with pytest.raises(click.ClickException, match="2 operations have the name ''"):
        read_document_file(file)
    file.write_text(f"{BOOKS}\n{KANJI}")
    assert len(read_document_file(file)) == 2
