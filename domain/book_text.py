"""Reads the text of a book."""

from domain.annotated_text import AnnotatedText
from domain.aozora import parse_aozora
from domain.book_pages import split_pages
from domain.enums import BookTextFormat
from domain.plain_text import parse_plain


def parse_pages(source: str, format: BookTextFormat) -> list[AnnotatedText]:
    """Return at least one page. Raises TextError."""
    return split_pages(parse_aozora(source).text if format is BookTextFormat.AOZORA else parse_plain(source))
