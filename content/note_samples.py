"""Counts the notes of an imported file, and samples their fields."""

from collections import Counter

from domain.imports.records import MAX_SAMPLES, ImportedNote, SourceField


class NoteSamples:
    """`counts`: of notes by note type, in the order of their first notes. `max_length`: of a sampled text."""

    def __init__(self, max_length: int | None = None) -> None:
        self.counts: Counter[str] = Counter()
        self._texts: dict[str, dict[str, list[str]]] = {}
        self._max_length = max_length

    def add(self, note: ImportedNote) -> None:
        self.counts[note.note_type] += 1
        fields = self._texts.setdefault(note.note_type, {})
        for name, text in note.fields.items():
            found = fields.setdefault(name, [])
            if text and len(found) < MAX_SAMPLES:
                found.append(text[: self._max_length])

    def fields_of(self, note_type: str) -> tuple[SourceField, ...]:
        """The fields in the order of the first note that has them."""
        return tuple(SourceField(name, tuple(texts)) for name, texts in self._texts[note_type].items())
