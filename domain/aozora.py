"""Reads the text format of Aozora Bunko (https://www.aozora.gr.jp/annotation/).

《》 has the reading of the characters before it: from ｜ on, or those of the same script. ［＃…］ is a note about
typography, ※［＃…］ describes a character that Shift-JIS does not have, and 〔〕 has letters with accents as ASCII.
A header has the title and the author; the footer starts with 底本：.
"""

import re
from dataclasses import dataclass

from common.text import truncate
from domain.annotated_text import (
    MAX_RUBY_BASE,
    MAX_RUBY_READING,
    AnnotatedText,
    Ruby,
    TextError,
    describe_problem,
)
from domain.aozora_characters import add_accents, character_of, replace_repeated, script_of
from domain.plain_text import join_lines, split_lines
from domain.text import is_visible_text

_MAX_HEADER_LINES = 100
# A block of more lines at the start is no title.
_MAX_TITLE_LINES = 8
_MAX_NOTE_LENGTH = 500
_MAX_ACCENTED_LENGTH = 200
_MAX_PROBLEMS = 50

_RULE = re.compile(r"-{20,}")
_FOOTER = re.compile(r"底本[：:]")
_TRANSLATOR = re.compile(r"(訳|編|編纂|校訂)$")
_MARK = re.compile(r"[｜《》［※〔]")
_BRACKET = re.compile(r"[［］]")
_PAGE_BREAK = re.compile(r"改(ページ|丁|段|見開き)$")


@dataclass(frozen=True, slots=True)
class Work:
    """`title` and `author`: of the header; None without one."""

    title: str | None
    author: str | None
    text: AnnotatedText


def parse_aozora(source: str) -> Work:
    """Parse a file without its header and footer. A text without marks is read as it is.

    Raises TextError with the lines of all marks that are incomplete, for control characters, and if nothing is left.
    """
    lines = split_lines(source)
    header, start, end = _find_body(lines)
    problems: list[str] = []
    body: list[AnnotatedText] = []
    for number in range(start, end):
        try:
            line = _parse_line(lines[number])
        except _LineError as error:
            problems.append(describe_problem(number + 1, str(error)))
            if len(problems) == _MAX_PROBLEMS:
                break
        else:
            if line is not None:
                body.append(line)
    if problems:
        raise TextError(*problems)
    text = join_lines(body)
    if not is_visible_text(text.text):
        raise TextError("The text is empty." if start == 0 else "There is no text between the header and the footer.")
    return Work(*_title_and_author(header), text)


def _find_body(lines: list[str]) -> tuple[list[str], int, int]:
    """Return the header's lines, and the first line of the body and the first one after it."""
    end = next((number for number, line in enumerate(lines) if _FOOTER.match(line)), len(lines))
    rules = [number for number, line in enumerate(lines[: min(end, _MAX_HEADER_LINES)]) if _RULE.fullmatch(line)]
    if rules and any("テキスト中に現れる記号" in line for line in lines[rules[0] : rules[0] + 3]):
        if len(rules) == 1:
            raise TextError(describe_problem(rules[0] + 1, "the list of marks has no rule at its end."))
        return lines[: rules[0]], rules[1] + 1, end
    if end < len(lines):
        first = next((number for number in range(end) if lines[number]), end)
        after = next((number for number in range(first, end) if not lines[number]), end)
        if after < end and after - first <= _MAX_TITLE_LINES:
            return lines[first:after], after, end
    return [], 0, end


def _title_and_author(header: list[str]) -> tuple[str | None, str | None]:
    names = []
    for line in filter(None, header):
        try:
            parsed = _parse_line(line)
        except _LineError:
            continue
        if parsed is not None and (name := parsed.text.strip()):
            names.append(name)
    if not names:
        return None, None
    authors = [name for name in names[1:] if not _TRANSLATOR.search(name)]
    return names[0], authors[-1] if authors else None


class _LineError(Exception):
    """A line with an incomplete mark."""


def _parse_line(line: str) -> AnnotatedText | None:
    """Return None for a line that has only notes. Raises _LineError."""
    if not _MARK.search(line):
        return AnnotatedText(replace_repeated(line))
    parser = _LineParser(line)
    parser.parse()
    text = "".join(parser.characters)
    if parser.has_notes and not text.strip():
        return AnnotatedText("") if parser.has_page_break else None
    return AnnotatedText(text, tuple(parser.ruby))


class _LineParser:
    """Collects the characters and readings of a line."""

    def __init__(self, line: str) -> None:
        self._line = line
        self.characters: list[str] = []
        self.ruby: list[Ruby] = []
        self.has_notes = False
        self.has_page_break = False
        self._base_start: int | None = None

    def parse(self) -> None:
        position = 0
        while mark := _MARK.search(self._line, position):
            self._add(self._line[position : mark.start()])
            position = self._parse_mark(mark.group(), mark.start())
        self._add(self._line[position:])
        if self._base_start is not None:
            raise _LineError("｜ is not followed by a reading in 《》.")

    def _parse_mark(self, mark: str, position: int) -> int:
        """Return the position after the mark."""
        if mark == "｜":
            if self._base_start is not None:
                raise _LineError("｜ is not followed by a reading in 《》 before the next ｜.")
            self._base_start = len(self.characters)
            return position + 1
        if mark == "《":
            return self._parse_reading(position)
        if mark == "》":
            raise _LineError("》 has no 《 before it.")
        if mark == "〔":
            return self._parse_accents(position)
        if self._line.startswith("※［＃", position):
            note, after = self._read_note(position + 1)
            self._add(character_of(note))
            return after
        if self._line.startswith("［＃", position):
            note, after = self._read_note(position)
            self.has_notes = True
            self.has_page_break |= bool(_PAGE_BREAK.match(note))
            return after
        self._add(mark)
        return position + 1

    def _read_note(self, position: int) -> tuple[str, int]:
        """Return the note that starts at the position, and the position after it. Notes may contain other notes."""
        depth = 0
        for bracket in _BRACKET.finditer(self._line, position, position + _MAX_NOTE_LENGTH):
            depth += 1 if bracket.group() == "［" else -1
            if depth == 0:
                return self._line[position + 2 : bracket.start()], bracket.end()
        if position + _MAX_NOTE_LENGTH < len(self._line):
            raise _LineError(f"［＃ is not closed by ］ within {_MAX_NOTE_LENGTH} characters.")
        raise _LineError("［＃ is not closed by ］.")

    def _parse_reading(self, position: int) -> int:
        end = self._line.find("》", position)
        if end < 0:
            raise _LineError("《 is not closed by 》.")
        source = self._line[position + 1 : end]
        if "《" in source or "｜" in source:
            raise _LineError(f"《{truncate(source)}》 has another mark in the reading.")
        reading = _reading_of(source)
        if not is_visible_text(reading):
            raise _LineError("《》 is empty.")
        if len(reading) > MAX_RUBY_READING:
            raise _LineError(f"the reading in 《》 has {len(reading)} characters; {MAX_RUBY_READING} are allowed.")
        start = self._find_base()
        length = len(self.characters) - start
        if length == 0:
            raise _LineError(f"《{truncate(reading)}》 has no characters before it.")
        if length > MAX_RUBY_BASE:
            raise _LineError(f"《{truncate(reading)}》 is for more than {MAX_RUBY_BASE} characters.")
        self.ruby.append(Ruby(start, length, reading))
        self._base_start = None
        return end + 1

    def _find_base(self) -> int:
        """Return the start of the characters that the reading is for."""
        if self._base_start is not None:
            return self._base_start
        first = self.ruby[-1].start + self.ruby[-1].length if self.ruby else 0
        start = len(self.characters)
        script = script_of(self.characters[-1]) if start > first else None
        while start > first and script is not None and script_of(self.characters[start - 1]) == script:
            start -= 1
            if len(self.characters) - start > MAX_RUBY_BASE:
                break
        return start

    def _parse_accents(self, position: int) -> int:
        """〔〕 without accents in it are brackets."""
        end = self._line.find("〕", position, position + _MAX_ACCENTED_LENGTH)
        source = self._line[position + 1 : end] if end >= 0 else ""
        accented = add_accents(source)
        if _MARK.search(source) or accented == source:
            self._add("〔")
            return position + 1
        self._add(accented)
        return end + 1

    def _add(self, text: str) -> None:
        self.characters.extend(replace_repeated(text))


def _reading_of(source: str) -> str:
    """Return the reading without notes, and with the characters that notes describe."""
    if "［＃" not in source:
        return source.strip()
    parser = _LineParser(source)
    parser.parse()
    return "".join(parser.characters).strip()
