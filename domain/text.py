"""Checks of strings that are shown to people, and their plain form."""

import re
import unicodedata

# Invisible by definition (Unicode's Default_Ignorable_Code_Point) or blank, although their general categories are those
# of letters, symbols or unassigned code points.
_BLANK = frozenset(map(chr, (0x115F, 0x1160, 0x17B4, 0x17B5, 0x2065, 0x2800, 0x3164, 0xFFA0, *range(0xFFF0, 0xFFF9))))
_INVISIBLE_CATEGORIES = frozenset(("Cc", "Cf", "Cs", "Mc", "Me", "Mn", "Zl", "Zp", "Zs"))
# Plane 14: tags, variation selectors, and code points reserved for more of them.
_PLANE_14 = (0xE0000, 0xE0FFF)
# Embeddings, overrides and isolates: they reorder the text around a name.
_BIDI_CONTROLS = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
_UNPRINTABLE_CATEGORIES = frozenset(("Cc", "Cs", "Zl", "Zp"))
# Without others in it.
_NOTE = re.compile(r"\([^()]*\)")


def is_visible_text(value: str) -> bool:
    """Whether at least one character is visible by itself.

    Blanks, control and format characters, lone surrogates, combining marks without a base, fillers and the empty
    braille pattern do not. A code point that this Python does not know yet counts as visible.
    """
    # Fast path.
    if value[:1].isalnum() and value[:1] not in _BLANK:
        return True
    return any(_is_visible(character) for character in value)


def is_plain_line(value: str) -> bool:
    """Whether a string is a letter or digit of ASCII and printable characters of ASCII after it, as a quick check."""
    return value.isascii() and value.isprintable() and value[:1].isalnum()


def is_single_line(value: str) -> bool:
    """Whether the string has no control characters, surrogates, line separators or bidirectional controls."""
    # Fast path: a printable string has none of them.
    return value.isprintable() or not any(
        character in _BIDI_CONTROLS or unicodedata.category(character) in _UNPRINTABLE_CATEGORIES for character in value
    )


def _is_visible(character: str) -> bool:
    code = ord(character)
    return not (
        character in _BLANK
        or unicodedata.category(character) in _INVISIBLE_CATEGORIES
        or _PLANE_14[0] <= code <= _PLANE_14[1]
        # Noncharacters.
        or code & 0xFFFE == 0xFFFE
        or 0xFDD0 <= code <= 0xFDEF
    )


def without_accents(text: str) -> str:
    """Return compatibility characters as plain ones, without combining marks: tōkyō becomes tokyo."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def without_notes(meaning: str) -> str:
    """Replace notes in brackets by a space, also those with others in them: "dog (Canis (lupus) familiaris)"."""
    while (shorter := _NOTE.sub(" ", meaning)) != meaning:
        meaning = shorter
    return meaning
