"""The Dockerfile, .dockerignore and docker-compose.yml, read without Docker."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
_INTERPOLATION = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}|\$(\w+)")
_ENVIRONMENT = re.compile(r'(\w+)=("[^"]*"|\S*)')
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0}


@dataclass(frozen=True, slots=True)
class Instruction:
    """`options`: those that start with two dashes. `text`: the rest."""

    name: str
    options: Mapping[str, str]
    text: str

    @property
    def words(self) -> list[str]:
        """The words of the exec form, or those separated by blanks."""
        if self.text.startswith("["):
            words: list[str] = json.loads(self.text)
            return words
        return self.text.split()


@dataclass(frozen=True, slots=True)
class Stage:
    """The instructions from one FROM to the next. `name`: after AS."""

    name: str
    instructions: list[Instruction]

    def all(self, name: str) -> list[Instruction]:
        return [instruction for instruction in self.instructions if instruction.name == name]

    def one(self, name: str) -> Instruction:
        [instruction] = self.all(name)
        return instruction

    @property
    def environment(self) -> dict[str, str]:
        pairs = [pair for instruction in self.all("ENV") for pair in _ENVIRONMENT.findall(instruction.text)]
        return {name: value.strip('"') for name, value in pairs}


def read_dockerfile() -> list[Stage]:
    stages: list[Stage] = []
    for line in _logical_lines((ROOT / "Dockerfile").read_text()):
        name, _, rest = line.partition(" ")
        options = {}
        while option := re.match(r"\s*--([\w-]+)=(\S+)\s+", rest):
            options[option[1]] = option[2]
            rest = rest[option.end() :]
        instruction = Instruction(name.upper(), options, rest.strip())
        if instruction.name == "FROM":
            stages.append(Stage(instruction.words[2] if "AS" in instruction.words else "", []))
        stages[-1].instructions.append(instruction)
    return stages


def _logical_lines(text: str) -> Iterator[str]:
    """Lines without comments, with continued lines joined."""
    pending = ""
    for line in text.splitlines():
        if line.lstrip().startswith("#") or (not line.strip() and not pending):
            continue
        pending += line.removesuffix("\\")
        if not line.endswith("\\"):
            yield pending.strip()
            pending = ""


def context_files() -> list[str]:
    """The build context: files that are in Git or would be added to it, except those that .dockerignore excludes."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    files = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    return [name for name in files if not is_ignored(name)]


def copy_context(folder: Path) -> None:
    """Copies the build context into an empty directory."""
    for name in context_files():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)


def is_ignored(path: str) -> bool:
    """As in Docker, the last pattern that matches the path or one of its folders decides."""
    ignored = False
    parents = [path, *(str(parent) for parent in Path(path).parents if str(parent) != ".")]
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.strip()
        if pattern and not pattern.startswith("#"):
            matches = _pattern(pattern.removeprefix("!"))
            if any(matches.fullmatch(parent) for parent in parents):
                ignored = not pattern.startswith("!")
    return ignored


def _pattern(pattern: str) -> re.Pattern[str]:
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", pattern.strip("/"))
    return re.compile("".join(parts.get(piece, re.escape(piece)) for piece in pieces))


def read_compose(environment: Mapping[str, str]) -> dict[str, Any]:
    """The file with interpolated variables. Raises KeyError if a required one is missing."""
    compose: dict[str, Any] = _interpolated(yaml.safe_load((ROOT / "docker-compose.yml").read_text()), environment)
    return compose


def _interpolated(value: Any, environment: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _interpolated(item, environment) for name, item in value.items()}
    if isinstance(value, list):
        return [_interpolated(item, environment) for item in value]
    if not isinstance(value, str):
        return value

    def replaced(match: re.Match[str]) -> str:
        name = match[1] or match[4]
        found = environment.get(name, "")
        if match[2] == "?" and not found:
            raise KeyError(name)
        return found or (match[3] or "" if match[2] == "-" else "")

    return _INTERPOLATION.sub(replaced, value)


def seconds(duration: str) -> float:
    """Parses a duration such as `1m30s`."""
    return sum(float(number) * _UNITS[unit] for number, unit in re.findall(r"([\d.]+)(ms|s|m|h)", duration))
