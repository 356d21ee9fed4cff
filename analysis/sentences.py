"""Splits text into sentences."""

import re
from collections.abc import Iterator

_ENDS = frozenset("。！？!?｡．")
_OPENING = "「『（〈《【〔［｛“([{"
_CLOSING = "」』）〉》】〕］｝”)]}"
_PAIRS = dict(zip(_OPENING, _CLOSING, strict=True))
# Where a sentence that is too long is cut.
_PAUSES = frozenset("、，,;； \u3000")
_LINE_ENDS = frozenset("\n\r\u2028\u2029\x0b\x0c\x85")
MAX_SENTENCE_LENGTH = 400
# A quotation that is longer, or not closed in its line, is split into sentences like other text.
_MAX_QUOTATION = 100
_CUT_AT = MAX_SENTENCE_LENGTH - _MAX_QUOTATION
# Other characters only count for the length.
_DECISIVE = re.compile(f"[{re.escape(''.join(sorted({*_PAIRS, *_PAUSES, *_LINE_ENDS, *_ENDS})))}]")


def split_sentences(text: str) -> Iterator[str]:
    """Yield the sentences of the text; joined, they are the text.

    A sentence ends with its punctuation, or with the line. Punctuation in quotation marks and brackets does not end the
    sentence around them. Sentences of more than 300 characters are cut, at a comma if there is one; none has more than
    400.
    """
    start = index = 0
    pause = -1
    while index < len(text):
        found = _DECISIVE.search(text, index, start + _CUT_AT)
        character = found[0] if found else ""
        index = found.end() if found else min(start + _CUT_AT, len(text))
        if character in _PAIRS:
            index = _end_of_quotation(text, index, _PAIRS[character])
        if character in _PAUSES:
            pause = index
        if character in _LINE_ENDS or character in _ENDS:
            limit = min(len(text), start + MAX_SENTENCE_LENGTH)
            while index < limit and (text[index] in _ENDS or text[index] in _CLOSING):
                index += 1
            if index < limit and text[index] == "\n" and character != "\n":
                index += 1
        elif index - start >= _CUT_AT:
            if pause > start:
                index = pause
        else:
            continue
        yield text[start:index]
        start, pause = index, -1
    if start < len(text):
        yield text[start:]


def split_parts(text: str, max_length: int) -> Iterator[str]:
    """Yield parts of whole sentences, each of at most `max_length` characters; joined, they are the text.

    The sentences of a part are those of the text. Raises ValueError if a sentence may be longer than a part.
    """
    if max_length < MAX_SENTENCE_LENGTH:
        raise ValueError(f"A part of {max_length} characters has no room for a sentence of {MAX_SENTENCE_LENGTH}.")
    part: list[str] = []
    length = 0
    for sentence in split_sentences(text):
        if length + len(sentence) > max_length:
            yield "".join(part)
            part, length = [], 0
        part.append(sentence)
        length += len(sentence)
    if part:
        yield "".join(part)


def _end_of_quotation(text: str, start: int, closing: str) -> int:
    """Return the index after the closing mark; `start` if there is none near in the line."""
    end = text.find(closing, start, start + _MAX_QUOTATION)
    return start if end < 0 or "\n" in text[start:end] else end + 1
