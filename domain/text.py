"""Strings that people read: whether they show anything."""

import unicodedata

# Rendered as nothing by definition (Unicode's Default_Ignorable_Code_Point), or as a blank, although their general
# categories are those of letters, symbols or unassigned code points.
_BLANK = frozenset(map(chr, (0x115F, 0x1160, 0x17B4, 0x17B5, 0x2065, 0x2800, 0x3164, 0xFFA0, *range(0xFFF0, 0xFFF9))))
_INVISIBLE_CATEGORIES = frozenset(("Cc", "Cf", "Cs", "Mc", "Me", "Mn", "Zl", "Zp", "Zs"))
# Plane 14: tags and variation selectors, and what is reserved for more of them.
_PLANE_14 = (0xE0000, 0xE0FFF)
# Embeddings, overrides and isolates: they rearrange the text around a name, also of other people's.
_BIDI_CONTROLS = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
_UNPRINTABLE_CATEGORIES = frozenset(("Cc", "Cs", "Zl", "Zp"))


def is_visible_text(value: str) -> bool:
    """Whether at least one character shows something by itself.

    Blanks, control and format characters, lone surrogates, combining marks without a base, fillers and the empty
    braille pattern do not. A code point that this Python does not know yet counts as visible.
    """
    # Decides for nearly all strings.
    if value[:1].isalnum() and value[:1] not in _BLANK:
        return True
    return any(_is_visible(character) for character in value)


def is_single_line(value: str) -> bool:
    """Whether it can stand in a line of other text: no control characters, surrogates or bidirectional controls."""
    # Decides for nearly all strings: what Python calls printable has none of them.
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
