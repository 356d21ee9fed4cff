"""Tags the cards of imported notes."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from db.commands import card_tags as commands
from db.core.transaction import Transaction
from db.queries import card_tags as queries
from db.services.import_logs import card_of
from db.services.import_subjects import Cards, Subject
from domain.card_tags import MAX_TAG_LENGTH, MAX_TAGS_OF_CARD, MAX_TAGS_OF_LEARNER, normalize_tag
from domain.enums import ImportSourceKind
from domain.ids import CardId
from domain.imports.plan import PlannedNote
from domain.text import is_single_line, is_visible_text

# Exported packages have it on cards that their lapses suspended.
_LEECH = "leech"
_MAX_NAMED = 10


class _Reason(StrEnum):
    """Why a tag is not added."""

    UNPRINTABLE = "they are not printable"
    OF_CARD = f"a card has at most {MAX_TAGS_OF_CARD}"
    OF_LEARNER = f"a learner has at most {MAX_TAGS_OF_LEARNER:,}"


@dataclass(slots=True)
class SavedTags:
    """`cards`: that got a tag. Tags that were not added are named by the lines of their notes."""

    cards: set[CardId] = field(default_factory=set)
    _omitted: dict[int, dict[_Reason, dict[str, None]]] = field(default_factory=dict)

    def omit(self, lines: Iterable[int], reason: _Reason, tag: str) -> None:
        for line in lines:
            self._omitted.setdefault(line, {}).setdefault(reason, {})[tag] = None

    def message_of(self, line: int) -> str:
        """A sentence for each reason, or ''."""
        return " ".join(
            f"Tags that are not added, because {reason}: {_named(tags)}."
            for reason, tags in self._omitted.get(line, {}).items()
        )


# The tags of a card, with the lines of their notes.
_WantedTags = dict[str, list[int]]


async def save_tags(
    transaction: Transaction,
    source: str,
    notes: Iterable[PlannedNote],
    subjects: Mapping[int, Subject | None],
    cards: Cards,
) -> SavedTags:
    """Add the tags of notes to their cards, up to the limits of a card and of a learner. Up to three statements.

    Requires the lock of the settings, under which a learner's tags are counted.
    """
    saved = SavedTags()
    wanted = _wanted_tags(notes, subjects, cards, saved)
    if not wanted:
        return saved
    present = {row.card_id: row.tags for row in await transaction.rows(queries.tags_by_card_id, ids=list(wanted))}
    new = {id: _new_tags(tags, present.get(id, ()), source) for id, tags in wanted.items()}
    names = list({tag for tags in new.values() for tag in tags})
    if not names:
        return saved
    [found] = await transaction.rows(queries.known_tags, tags=names)
    known, count = set(found.known), found.tags
    allowed: list[tuple[CardId, str]] = []
    for id, tags in new.items():
        room = MAX_TAGS_OF_CARD - len(present.get(id, ()))
        for tag in tags:
            if room <= 0:
                saved.omit(wanted[id][tag], _Reason.OF_CARD, tag)
            elif tag not in known and count >= MAX_TAGS_OF_LEARNER:
                saved.omit(wanted[id][tag], _Reason.OF_LEARNER, tag)
            else:
                count += tag not in known
                known.add(tag)
                allowed.append((id, tag))
                room -= 1
    if allowed:
        rows = await transaction.rows(commands.tag_each, **commands.tag_values(allowed))
        saved.cards |= {row.card_id for row in rows}
    return saved


def _wanted_tags(
    notes: Iterable[PlannedNote], subjects: Mapping[int, Subject | None], cards: Cards, saved: SavedTags
) -> dict[CardId, _WantedTags]:
    wanted: dict[CardId, _WantedTags] = defaultdict(dict)
    for note in notes:
        line = note.note.line
        for planned in note.cards:
            names = note.note.tags if planned.exact is None else planned.exact.tags
            card = card_of(planned, subjects[line], cards) if names else None
            if card is None:
                continue
            for name in names:
                tag = _clean(name)
                if not tag and name:
                    saved.omit([line], _Reason.UNPRINTABLE, "".join(filter(str.isprintable, name)))
                elif tag and (planned.exact is not None or tag != _LEECH or not card.suspended):
                    wanted[card.id].setdefault(tag, []).append(line)
    return wanted


def _new_tags(tags: Iterable[str], present: Collection[str], source: str) -> list[str]:
    """Return the tags that a card does not have. Those of Anki have no spaces: exports replace them."""
    before = set(present)
    if source != ImportSourceKind.SHINJP_EXPORT:
        before.update(tag.replace(" ", "_") for tag in present)
    return [tag for tag in tags if tag not in before]


def _named(tags: Collection[str]) -> str:
    named = ", ".join(list(tags)[:_MAX_NAMED])
    return named if len(tags) <= _MAX_NAMED else f"{named} and {len(tags) - _MAX_NAMED:,} more"


def _clean(tag: str) -> str:
    """Return the tag as it is stored, or '' if it cannot be."""
    text = normalize_tag(tag)[:MAX_TAG_LENGTH].strip()
    return text if is_visible_text(text) and is_single_line(text) else ""
