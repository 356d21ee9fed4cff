"""Rejects words for which this code base has a standard term: part of `make check`.

The words, allowed uses and pending folders are in `.ci/wording.toml`. Exit status 1 if a word occurs elsewhere.
"""

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SUFFIXES = {".py", ".md", ".graphql", ".sql", ".js", ".ts", ".tsx", ".html", ".yml", ".yaml", ".toml", ".ini"}
NAMES = {"Makefile", "Dockerfile", "run", "allowed-skips"}
SKIPPED = {"node_modules", "static", "build", "dist", "__generated__", "__pycache__"}
# Between the words of a phrase: white space with the marks of comments, or the underscore of an identifier.
_GAP = r"(?:_|\s+(?:(?:#|--|//|;|\*)\s+)?)"


class Rules:
    """Rejected words. All forms are one regular expression, which is faster than one for each."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.names = list(words)
        groups = (
            "(" + "|".join(re.escape(form).replace(r"\ ", _GAP) for form in name.split("|")) + ")" for name in words
        )
        self._pattern = re.compile(rf"(?<![a-z])(?:{'|'.join(groups)})(?![a-z])")

    def find(self, text: str) -> Iterator[tuple[str, int, str]]:
        """Each use of a rejected word: the name of its rule, the line and the matched text."""
        lower = text.lower()
        for match in self._pattern.finditer(lower):
            assert match.lastindex is not None
            line = lower.count("\n", 0, match.start()) + 1
            yield self.names[match.lastindex - 1], line, " ".join(match[0].split())


def project_files(root: Path) -> Iterator[Path]:
    for path in sorted(root.iterdir()):
        if path.is_dir():
            if path.name not in SKIPPED and (not path.name.startswith(".") or path.name == ".ci"):
                yield from project_files(path)
        elif path.suffix in SUFFIXES or path.name in NAMES:
            yield path


def is_excepted(rule: str, path: str, configuration: Mapping[str, Any]) -> bool:
    folder = path.partition("/")[0]
    return rule in configuration["pending"].get(folder, ()) or any(
        (rule in exception["words"] or "*" in exception["words"])
        and any(fnmatch(path, pattern) for pattern in exception["paths"])
        for exception in configuration["allowed"]
    )


def main() -> int:
    configuration = tomllib.loads((ROOT / ".ci" / "wording.toml").read_text())
    rules = Rules(configuration["words"])
    found = 0
    for path in project_files(ROOT):
        name = path.relative_to(ROOT).as_posix()
        for rule, line, text in rules.find(path.read_text()):
            if not is_excepted(rule, name, configuration):
                print(f"{name}:{line}: {text!r}: use {configuration['words'][rule]}")
                found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
