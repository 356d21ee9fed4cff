"""Writes annotated texts in the format of Aozora Bunko, as `domain.aozora` reads it."""

import re

from domain.annotated_text import AnnotatedText

# Characters that would be marks, and the first ones of what would be a footer or the rule of a header.
_MARK = re.compile(r"[｜《》［］※〔〕＼]|^底(?=本[：:])|^-(?=-{19})", re.MULTILINE)


def write_aozora(text: AnnotatedText) -> str:
    """Return the text with its readings in 《》, which `parse_aozora` reads again without a difference."""
    described = {match.start(): _describe(match.group()) for match in _MARK.finditer(text.text)}

    def characters(start: int, end: int) -> str:
        return "".join(described.get(index, text.text[index]) for index in range(start, end))

    parts = []
    position = 0
    for ruby in text.ruby:
        end = ruby.start + ruby.length
        reading = _MARK.sub(lambda match: _describe(match.group()), ruby.reading)
        parts.append(f"{characters(position, ruby.start)}｜{characters(ruby.start, end)}《{reading}》")
        position = end
    return "".join(parts) + characters(position, len(text.text))


def _describe(character: str) -> str:
    """Return a note that describes the character."""
    return f"※［＃U+{ord(character):04X}］"
