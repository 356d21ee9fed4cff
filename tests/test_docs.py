"""Files, links and settings in the documentation exist."""

import re
from pathlib import Path

import pytest

from server.settings import Settings
from tests.container import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FOLDERS = "bench cache common content db deploy docs domain engine jobs loaders resolvers schema server tests .ci"
SETTINGS = {str(field.validation_alias or name).upper() for name, field in Settings.model_fields.items()}
# Created by `make`.
GENERATED = {"tests/clients/dist/built"}


def anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_exist(document: Path) -> None:
    folders = "|".join(re.escape(folder) for folder in FOLDERS.split())
    for name in re.findall(rf"`((?:{folders})/[\w./-]*)`", document.read_text()):
        assert (ROOT / name).exists() or name in GENERATED, name
    for name in re.findall(r"`(test_\w+\.py)`", document.read_text()):
        assert list((ROOT / "tests").rglob(name)), name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_exist(document: Path) -> None:
    for path, anchor in re.findall(r"\]\(([^)#:]*)(?:#([\w-]+))?\)", document.read_text()):
        target = document.parent / path if path else document
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), (path, anchor)


def test_readme_links_all_documents() -> None:
    linked = re.findall(r"^\| \[[^]]*\]\(docs/([^)]*)\)", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert sorted(linked) == sorted([*(path.name for path in (ROOT / "docs").glob("*.md")), "decisions"])


@pytest.mark.parametrize(
    "name", ["README.md", "docs/architecture.md", "docs/caching.md", "docs/execution.md", "docs/limits.md"]
)
def test_settings_exist(name: str) -> None:
    prefixes = "SHINJP|CACHE|DB|EXPORT|JWT|LLM|MAX|STREAM|WORKER|PERSISTED|OPERATION"
    named = re.findall(rf"`((?:{prefixes})_[A-Z_]+)(?:=[^`]*)?`", (ROOT / name).read_text())
    others = {"OPERATION_TOO_COMPLEX", "CACHE_POLICIES"}
    assert set(named) - others <= SETTINGS
