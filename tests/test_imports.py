"""There are no import cycles, not even for annotations."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import grimp

ROOT = Path(__file__).parent.parent
ROOT_PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]
# GraphQL types refer to each other, and Strawberry resolves them by name when it builds the schema. For type checkers
# this module imports all of them; nothing else may close a cycle.
FOR_ANNOTATIONS = {"schema.lazy_types"}


def test_imports_have_no_cycle() -> None:
    graph = grimp.build_graph(*ROOT_PACKAGES, cache_dir=None)
    imports = {
        module: set() if module in FOR_ANNOTATIONS else graph.find_modules_directly_imported_by(module)
        for module in graph.modules
    }
    assert len(imports) > 300
    assert list(cycles(imports)) == []


def test_cycle_is_found() -> None:
    assert list(cycles({"a": {"b"}, "b": {"c"}, "c": {"b"}})) == [{"b", "c"}]


def cycles(imports: dict[str, set[str]]) -> Iterator[set[str]]:
    """Sets of modules that import each other: those that remain after removing modules without imports repeatedly."""
    remaining = {module: imported & imports.keys() for module, imported in imports.items()}
    for direction in (remaining, _reversed(remaining)):
        while leaves := {module for module in remaining if not direction[module] & remaining.keys()}:
            for module in leaves:
                del remaining[module]
    while remaining:
        cycle = _reachable(remaining, next(iter(remaining)))
        yield cycle
        for module in cycle:
            del remaining[module]


def _reversed(imports: dict[str, set[str]]) -> dict[str, set[str]]:
    importers: dict[str, set[str]] = {module: set() for module in imports}
    for module, imported in imports.items():
        for one in imported:
            importers[one].add(module)
    return importers


def _reachable(imports: dict[str, set[str]], start: str) -> set[str]:
    found, pending = set(), [start]
    while pending:
        module = pending.pop()
        if module in imports and module not in found:
            found.add(module)
            pending.extend(imports[module])
    return found
