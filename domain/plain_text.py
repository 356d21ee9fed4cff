"""Lines and paragraphs of Japanese texts."""

import re
from collections.abc import Iterable

from domain.annotated_text import AnnotatedText, Ruby, TextError, describe_problem
from domain.text import is_visible_text

# Lines end as in Unicode's newline guidelines; a form feed is a line break, too.
_LINE_END = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_MAX_BLANK_LINES = 2
_MAX_PROBLEMS = 50


def parse_plain(source: str) -> AnnotatedText:
    """Return the text with its marks as they are. Raises TextError for control characters or an empty text."""
    text = join_lines(map(AnnotatedText, split_lines(source)))
    if not is_visible_text(text.text):
        raise TextError("The text is empty.")
    return text


def split_lines(source: str) -> list[str]:
    """Return the lines without white space at their ends.

    Raises TextError for control characters and lone surrogates, which no text file has.
    """
    lines = _LINE_END.split(source.removeprefix("\ufeff"))
    if _CONTROL.search(source):
        found = ((number, _CONTROL.search(line)) for number, line in enumerate(lines, start=1))
        problems = [
            describe_problem(number, f"control character U+{ord(character.group()):04X}.")
            for number, character in found
            if character
        ]
        raise TextError(*problems[:_MAX_PROBLEMS])
    return [line.rstrip() for line in lines]


def join_lines(lines: Iterable[AnnotatedText]) -> AnnotatedText:
    """Return one text, without blank lines at its start and end, and with at most two in a row."""
    texts: list[str] = []
    ruby: list[Ruby] = []
    length = blank = 0
    for line in lines:
        if not line.text:
            blank += 1
            continue
        if texts:
            breaks = "\n" * (1 + min(blank, _MAX_BLANK_LINES))
            texts.append(breaks)
            length += len(breaks)
        ruby.extend(line.shift(length))
        texts.append(line.text)
        length += len(line.text)
        blank = 0
    return AnnotatedText("".join(texts), tuple(ruby))
