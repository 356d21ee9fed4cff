"""Plain words from fields that have markup: HTML, ruby, furigana in brackets, sounds and clozes."""

import html
import re
import unicodedata
from typing import NamedTuple

from domain.custom_vocabulary import MAX_CUSTOM_MEANING_LENGTH, MAX_WORD_LENGTH
from domain.kanji_characters import KANJI_RANGES
from domain.search.folding import has_kanji, visible
from domain.search.kana import is_kana

MAX_EXPRESSION_LENGTH = MAX_WORD_LENGTH
MAX_MEANING_LENGTH = MAX_CUSTOM_MEANING_LENGTH

# All of them match in linear time: fields come from strangers.
_SOUND = re.compile(r"\[(?:sound|anki):[^\]]{0,1000}\]")
_CLOZE = re.compile(r"\{\{c\d{1,3}::([^{}]{0,1000}?)(?:::[^{}]{0,1000})?\}\}")
_HIDDEN = re.compile(r"<(script|style|rp)\b[^>]{0,1000}>.{0,5000}?</\1>", re.IGNORECASE | re.DOTALL)
_RUBY = re.compile(r"<rt\b[^<>]{0,1000}>([^<>]{0,100})</rt>", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|hr)\b[^<>]{0,1000}>", re.IGNORECASE)
_TAG = re.compile(r"<!--.{0,5000}?-->|</?[a-zA-Z][^<>]{0,5000}>", re.DOTALL)
# Anki's furigana: a space separates the base from what precedes it.
_FURIGANA = re.compile(
    rf"[ \u3000]?([{KANJI_RANGES}々〆ヶ0-9A-Za-z]{{1,20}}[ぁ-ゖァ-ヺー]{{0,20}})\[([^\[\]]{{1,100}})\]"
)
_NOT_READING = re.compile(r"[^ぁ-ゖァ-ヺー]")
_PITCH = re.compile(r"[;,].*")
_NOTES = re.compile(r"[（(【\[［〔].{0,100}?[）)】\]］〕]")
_ALTERNATIVES = re.compile(r"[;；、,，/／・\n|]")

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

# Around a word: affixes have a wave dash or a hyphen.
_AROUND = " \u3000~〜～-–—*。.!！?？「」『』\"'"


class Expression(NamedTuple):
    """A word as a note has it. `reading`: in kana; None if the note has none."""

    form: str
    reading: str | None


def plain_text(field: str) -> str:
    """Return the text of a field without markup, with line breaks, and without readings over kanji."""
    return _plain(_RUBY.sub("", field))


def parse_expression(expression: str, reading: str = "") -> Expression:
    """Return the first word of the fields. The form is empty if they have none.

    The reading is that of the second field, or else what the first one has as ruby or in brackets.
    """
    marked = _plain(_RUBY.sub(r"[\1]", expression))
    line = next((line for line in marked.split("\n") if line), "")
    form = _clean_form(_FURIGANA.sub(r"\1", line))
    annotated = _FURIGANA.sub(_reading_of_base, line) if "[" in line else ""
    own = _clean_reading(plain_text(reading)) or _clean_reading(_FURIGANA.sub(_reading_of_base, _plain(reading)))
    read = own or (_clean_reading(annotated) if annotated else "")
    if not read and form and is_kana(form):
        read = form
    return Expression(form, read or None)


def parse_character(field: str) -> str:
    """Return the character if the field is a single one, else ''.

    Not normalized: that would replace compatibility characters, which are kanji of their own in the dictionary.
    """
    text = html.unescape(field).strip()
    return text if len(text) == 1 else ""


def parse_meaning(field: str) -> str:
    """Return the meaning as one line, at most `MAX_MEANING_LENGTH` characters."""
    return " ".join(plain_text(field).split())[:MAX_MEANING_LENGTH].strip()


def parse_sentence(field: str, max_length: int) -> str:
    """Return the sentence without markup and readings, at most `max_length` characters."""
    return clean_sentence(_FURIGANA.sub(r"\1", plain_text(field)), max_length)


def clean_sentence(text: str, max_length: int) -> str:
    """Return a string without control characters other than line breaks, at most `max_length` characters."""
    return _CONTROL.sub("", text)[:max_length].strip()


def clean_line(text: str, max_length: int) -> str:
    """Return a string as one line without control characters, at most `max_length` characters."""
    return " ".join(_CONTROL.sub("", text).split())[:max_length].strip()


def _plain(field: str) -> str:
    text = _HIDDEN.sub("", _SOUND.sub("", field)) if "<" in field or "[" in field else field
    for _ in range(3):
        if "{{c" not in text:
            break
        text = _CLOZE.sub(r"\1", text)
    if "<" in text:
        text = _TAG.sub("", _BREAK.sub("\n", text))
    if "&" in text:
        text = html.unescape(text)
    text = visible(unicodedata.normalize("NFC", text.replace("\u00a0", " ").replace("\x00", "")))
    return "\n".join(stripped for line in text.splitlines() if (stripped := line.strip()))


def _reading_of_base(found: re.Match[str]) -> str:
    # 食べ[たべ] has the whole reading in brackets, and 食[た]べる that of the kanji.
    return _PITCH.sub("", found[2])


def _clean_form(line: str) -> str:
    text = _NOTES.sub("", line) or line
    first = next((part for part in _ALTERNATIVES.split(text) if part.strip()), "")
    return (
        unicodedata.normalize("NFKC", first)
        .strip()
        .strip("~〜～-–—*。.!！?？「」『』\"'")
        .strip()[:MAX_EXPRESSION_LENGTH]
    )


def _clean_reading(text: str) -> str:
    line = text.partition("\n")[0]
    without_notes = _NOTES.sub("", line) or line
    first = next((part for part in _ALTERNATIVES.split(without_notes) if part.strip()), "")
    kana = unicodedata.normalize("NFKC", first)
    if has_kanji(kana):
        return ""
    return _NOT_READING.sub("", kana)[:MAX_EXPRESSION_LENGTH]
