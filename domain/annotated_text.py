"""Japanese text with the readings that its author gives."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

# Limits of one reading. They are longer than any in print; a longer one is a missing bracket.
MAX_RUBY_BASE, MAX_RUBY_READING = 50, 100


@dataclass(frozen=True, slots=True)
class Ruby:
    """The reading of `length` characters from `start`, counted in Unicode code points."""

    start: int
    length: int
    reading: str


@dataclass(frozen=True, slots=True)
class AnnotatedText:
    """A text and its readings in the order of their positions, which do not overlap."""

    text: str
    ruby: tuple[Ruby, ...] = ()

    def shift(self, offset: int) -> tuple[Ruby, ...]:
        """Return the readings as they are if the text is placed `offset` characters into a longer one."""
        return tuple(Ruby(ruby.start + offset, ruby.length, ruby.reading) for ruby in self.ruby)


def encode_ruby(ruby: Iterable[Ruby]) -> str:
    """Return readings as JSON, as the database stores them: a list of start, length and reading each."""
    return json.dumps([(each.start, each.length, each.reading) for each in ruby], ensure_ascii=False)


def decode_ruby(ruby: str) -> list[Ruby]:
    """Return the readings that `encode_ruby` wrote."""
    return [Ruby(*values) for values in json.loads(ruby)]


class TextError(ValueError):
    """A text that cannot be read. Each problem names its line: `line 3: 《 is not closed by 》.`"""

    def __init__(self, *problems: str) -> None:
        super().__init__(problems[0])
        self.problems = problems


def describe_problem(line: int, message: str) -> str:
    """`line`: from 1."""
    return f"line {line}: {message}"
