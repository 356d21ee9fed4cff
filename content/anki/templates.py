"""What the cards of a template ask."""

import re
from collections.abc import Mapping

from content.anki.metadata import Template
from domain.enums import CardKind

# Names of templates, whatever their markup shows.
_NAMES = {
    CardKind.READING: re.compile("reading|yomi|読み", re.IGNORECASE),
    CardKind.RECALL: re.compile(r"recall|production|reverse|english\s*(?:to|→|->|-)\s*jap|和訳から", re.IGNORECASE),
    CardKind.RECOGNITION: re.compile("recognition|comprehension|listening|認識", re.IGNORECASE),
}
_REFERENCE = re.compile(r"\{\{([^{}]{1,300})\}\}")
_CONDITION = ("#", "^", "/", "!")
_SPECIAL = frozenset({"FrontSide", "Tags", "Type", "Deck", "Subdeck", "Card", "CardFlag"})
_JAPANESE = re.compile("[\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uff66-\uff9d]")


def guess_kind(template: Template, samples: Mapping[str, tuple[str, ...]]) -> CardKind:
    """By the template's name, else by the first field of its question that has samples: Japanese text is recognized.

    `samples`: texts of notes by name of the field.
    """
    for kind, name in _NAMES.items():
        if name.search(template.name):
            return kind
    for field in _question_fields(template.question):
        if texts := samples.get(field):
            is_japanese = any(_JAPANESE.search(text) for text in texts)
            return CardKind.RECOGNITION if is_japanese else CardKind.RECALL
    return CardKind.RECOGNITION


def _question_fields(question: str) -> list[str]:
    """The fields in the order of the markup, without filters such as `furigana:`."""
    found = (reference.strip() for reference in _REFERENCE.findall(question[:10_000]))
    names = (name.rpartition(":")[2].strip() for name in found if not name.startswith(_CONDITION))
    return [name for name in names if name not in _SPECIAL]
