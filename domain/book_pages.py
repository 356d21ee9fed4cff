"""Splits the text of a book into pages."""

import re
import unicodedata
from bisect import bisect_left, bisect_right

from domain.annotated_text import AnnotatedText

# In characters, with line breaks. The last page, and both pages of a text a little longer than one, may be shorter.
MIN_PAGE_LENGTH, MEAN_PAGE_LENGTH, MAX_PAGE_LENGTH = 400, 500, 600
# A page of children's books, where every kanji has a reading, has fewer characters.
MAX_RUBY_OF_PAGE = 200

_PARAGRAPH_END = re.compile(r"\n")
_SENTENCE_END = re.compile(r"[。．！？!?…‥][」』）〉》】\u3000]*")
# Characters that a page does not start with: the end of a paragraph or a sentence, and parts of the previous character.
_CONTINUING = frozenset("\n\u3000。．、，！？!?…‥ー々」』）〉》】\u200c\u200d")


def split_pages(text: AnnotatedText) -> list[AnnotatedText]:
    """Return pages whose texts concatenate to the whole text: line breaks stay at the end of a page.

    A page ends with a paragraph, or with a sentence if paragraphs are longer than a page. The base of a reading is on
    one page.
    """
    starts = [ruby.start for ruby in text.ruby]
    pages: list[AnnotatedText] = []
    start = first = 0
    while start < len(text.text):
        end = _find_page_end(text, start, first, starts)
        last = bisect_left(starts, end, first)
        page = AnnotatedText(text.text[start:end], text.ruby[first:last])
        pages.append(AnnotatedText(page.text, page.shift(-start)))
        start, first = end, last
    return pages


def _find_page_end(text: AnnotatedText, start: int, first: int, starts: list[int]) -> int:
    """`first`: the index of the first reading of the page."""
    latest = start + MAX_PAGE_LENGTH
    if first + MAX_RUBY_OF_PAGE < len(starts):
        latest = min(latest, starts[first + MAX_RUBY_OF_PAGE])
    remaining = len(text.text) - start
    if start + remaining <= latest:
        return start + remaining
    # Pages of about the same length, so that the last one is not a line.
    pages = max(-(-remaining // MAX_PAGE_LENGTH), round(remaining / MEAN_PAGE_LENGTH))
    target = min(start + remaining // pages, latest)
    earliest = min(start + MIN_PAGE_LENGTH, start + (target - start) * 3 // 4)
    for pattern in (_PARAGRAPH_END, _SENTENCE_END):
        ends = [match.end() for match in pattern.finditer(text.text, earliest, latest)]
        ends = [end for end in ends if end > start and _can_end_at(text, end, starts)]
        if ends:
            return min(ends, key=lambda end: abs(end - target))
    possible = (*range(target, max(earliest, start), -1), *range(target, latest + 1))
    return next((end for end in possible if _can_end_at(text, end, starts)), _outside_base(text, latest, starts))


def _can_end_at(text: AnnotatedText, end: int, starts: list[int]) -> bool:
    if end < len(text.text):
        following = text.text[end]
        # A paragraph may start with a space.
        if following in _CONTINUING and not (following == "\u3000" and text.text[end - 1] == "\n"):
            return False
        if unicodedata.category(following).startswith("M"):
            return False
    return _outside_base(text, end, starts) == end


def _outside_base(text: AnnotatedText, position: int, starts: list[int]) -> int:
    """Return the position, or the start of the base of a reading that contains it."""
    index = bisect_right(starts, position) - 1
    if index >= 0 and position < starts[index] + text.ruby[index].length:
        return starts[index]
    return position
