"""Tags the cards of imported notes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from db.commands import card_tags as commands
from db.core.transaction import Transaction
from db.queries import card_tags as queries
from db.services.import_logs import card_of
from db.services.import_subjects import Cards, Subject
from domain.card_tags import MAX_TAG_LENGTH, MAX_TAGS_OF_CARD, MAX_TAGS_OF_LEARNER, normalize_tag
from domain.ids import CardId
from domain.imports.plan import PlannedNote
from domain.text import is_single_line, is_visible_text


async def save_tags(
    transaction: Transaction, notes: Iterable[PlannedNote], subjects: Mapping[int, Subject | None], cards: Cards
) -> set[CardId]:
    """Add the tags of notes to their cards, up to the limits of a card and of a learner. Up to three statements.

    Returns the cards that got one. Requires the lock of the settings, under which a learner's tags are counted.
    """
    wanted: dict[CardId, dict[str, None]] = defaultdict(dict)
    for note in notes:
        tags = [tag for tag in map(_clean, note.note.tags) if tag]
        for planned in note.cards if tags else ():
            card = card_of(planned, subjects[note.note.line], cards)
            if card is not None:
                wanted[card.id].update(dict.fromkeys(tags))
    if not wanted:
        return set()
    present = {row.card_id: row.tags for row in await transaction.rows(queries.tags_by_card_id, ids=list(wanted))}
    added = [(id, tag) for id, tags in wanted.items() for tag in _room(tags, present.get(id, ()))]
    if not added:
        return set()
    [count] = await transaction.rows(queries.tag_count, tags=list({tag for _, tag in added}))
    if count.tags > MAX_TAGS_OF_LEARNER:
        return set()
    return {row.card_id for row in await transaction.rows(commands.tag_each, **commands.tag_values(added))}


def _room(tags: Iterable[str], present: Iterable[str]) -> list[str]:
    """Return the new tags for which a card has room."""
    before = set(present)
    return [tag for tag in tags if tag not in before][: max(0, MAX_TAGS_OF_CARD - len(before))]


def _clean(tag: str) -> str:
    """Return the tag as it is stored, or '' if it cannot be."""
    text = normalize_tag(tag)[:MAX_TAG_LENGTH].strip()
    return text if is_visible_text(text) and is_single_line(text) else ""
