"""Characters that Aozora Bunko's format describes because Shift-JIS does not have them, and scripts of characters."""

import re
import unicodedata

_ROW_AND_CELL = re.compile(r"、(?:第[34]水準)?([12])-(\d{1,2})-(\d{1,2})$")
_CODE_POINT = re.compile(r"U\+([0-9A-Fa-f]{4,6})")
_REPEATED = {"／″＼": "〲", "／＼": "〱"}
# The mark for a character that cannot be set.
_MISSING = "〓"

_ACCENT = re.compile(r"([A-Za-z])([`'^~:&_,])")
_LIGATURE = re.compile(r"(?i)(ae|oe)&|(s)&|([!?])@|([dhlo])/")
_COMBINING = dict(zip("`'^~:&_,", "\u0300\u0301\u0302\u0303\u0308\u030a\u0304\u0327", strict=True))
_LIGATURES = {
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "s": "ß",
    "!": "¡",
    "?": "¿",
    "d": "đ",
    "D": "Đ",
    "h": "ħ",
    "H": "Ħ",
    "l": "ł",
    "L": "Ł",
    "o": "ø",
    "O": "Ø",
}


def character_of(note: str) -> str:
    """Return the character that a note describes by its place in JIS X 0213 or its code point."""
    if place := _ROW_AND_CELL.search(note):
        plane, row, cell = map(int, place.groups())
        if 1 <= row <= 94 and 1 <= cell <= 94:
            encoded = bytes((0xA0 + row, 0xA0 + cell))
            try:
                return (b"\x8f" * (plane == 2) + encoded).decode("euc_jis_2004")
            except UnicodeDecodeError:
                return _MISSING
    if (code_point := _CODE_POINT.search(note)) and (code := int(code_point.group(1), 16)) <= 0x10FFFF:
        character = chr(code)
        if not unicodedata.category(character).startswith(("C", "Z")):
            return character
    return _MISSING


def add_accents(source: str) -> str:
    text = _LIGATURE.sub(lambda match: _LIGATURES.get(match.group()[:-1], match.group()), source)
    return _ACCENT.sub(lambda match: unicodedata.normalize("NFC", match[1] + _COMBINING[match[2]]), text)


def replace_repeated(text: str) -> str:
    """Replace the marks for repeated kana, which are two characters in Shift-JIS."""
    if "＼" in text:
        for mark, character in _REPEATED.items():
            text = text.replace(mark, character)
    return text


def script_of(character: str) -> str | None:
    """Return None for punctuation and spaces, which have no reading."""
    if character in "々〆〇ヶ仝〻" or character == _MISSING or "\u3400" <= character <= "\u9fff":
        return "kanji"
    if "\uf900" <= character <= "\ufaff" or "\U00020000" <= character <= "\U0003ffff":
        return "kanji"
    if "\u3041" <= character <= "\u309e":
        return "hiragana"
    if "\u30a1" <= character <= "\u30fe":
        return "katakana"
    return "alphanumeric" if character.isalnum() or character in "-'.&" else None
