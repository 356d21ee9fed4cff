"""Prints sizes and complexity of the code by folder: `make measures`. Nothing fails.

Lines and files are those of Git. The cyclomatic complexity is radon's, of functions and methods. An import circle is a
group of modules that import each other when they are loaded; type-checking and local imports do not count.
"""

import ast
import json
import re
import statistics
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[1]
# An exact version, so that the numbers of two revisions can be compared.
RADON = ("tool", "run", "--quiet", "--from", "radon==6.0.1", "radon", "cc", "--json")
COLUMNS = ("folder", "files", "lines", "median", "p90", "max", "mean cc", "max cc", "Any", "ignores")
_IGNORE = re.compile(r"#\s*type:\s*ignore")


def files() -> dict[str, list[Path]]:
    """The Python files of Git by their top-level folder."""
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    by_folder: dict[str, list[Path]] = defaultdict(list)
    for name in listed.stdout.splitlines():
        by_folder[name.split("/")[0] if "/" in name else "."].append(ROOT / name)
    return by_folder


def complexities(paths: list[Path]) -> list[int]:
    """The complexity of each function and method."""
    uv = Path(sys.executable).with_name("uv")
    printed = subprocess.run([uv, *RADON, *paths], capture_output=True, text=True, check=True)
    blocks = [block for found in json.loads(printed.stdout).values() if isinstance(found, list) for block in found]
    return [block["complexity"] for block in blocks if block["type"] in ("function", "method")]


def count_any(source: str) -> int:
    return sum(isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(ast.parse(source)))


def row(folder: str, paths: list[Path]) -> list[str]:
    sources = [path.read_text() for path in paths]
    lengths = sorted(len(source.splitlines()) for source in sources)
    found = complexities(paths) or [0]
    numbers = [
        *(len(paths), sum(lengths), round(statistics.median(lengths)), lengths[len(lengths) * 9 // 10], lengths[-1]),
        *(f"{statistics.mean(found):.1f}", max(found)),
        *(sum(map(count_any, sources)), sum(len(_IGNORE.findall(source)) for source in sources)),
    ]
    return [folder, *map(str, numbers)]


def circles() -> Iterator[list[str]]:
    """The groups of modules that import each other."""
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]
    graph = grimp.build_graph(*packages, exclude_type_checking_imports=True, cache_dir=None)
    # Imports inside functions are indented.
    imports = {
        name: {
            other
            for other in graph.find_modules_directly_imported_by(name)
            if any(
                not detail["line_contents"].startswith(" ")
                for detail in graph.get_import_details(importer=name, imported=other)
            )
        }
        for name in graph.modules
    }
    reachable = {name: set(_reachable(imports, name)) for name in imports}
    left = sorted(name for name in imports if name in reachable[name])
    while left:
        circle = [name for name in left if name in reachable[left[0]] and left[0] in reachable[name]]
        yield circle
        left = [name for name in left if name not in circle]


def _reachable(imports: dict[str, set[str]], start: str) -> Iterator[str]:
    seen: set[str] = set()
    waiting = list(imports[start])
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            yield name
            waiting += imports[name]


def main() -> None:
    by_folder = files()
    production = [path for folder, paths in by_folder.items() if folder not in ("tests", "bench") for path in paths]
    rows = [row(folder, paths) for folder, paths in sorted(by_folder.items())]
    rows.append(row("production", production))
    for cells in ([*COLUMNS], *rows):
        print(cells[0].ljust(12), *(cell.rjust(8) for cell in cells[1:]))
    found = list(circles())
    print(f"import circles: {len(found)}")
    for circle in found:
        print(" ", ", ".join(circle))


if __name__ == "__main__":
    main()
