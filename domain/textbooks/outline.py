"""Plans textbooks with chapters that have enough words about their topics: fewer chapters rather than other words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.textbooks.matching import MeaningIndex
from domain.textbooks.model import ChapterPlan, Word
from domain.textbooks.planning import group_topics, plan_parts
from domain.textbooks.topics import MIN_WORDS_OF_TOPIC, words_about
from domain.textbooks.word_assignment import MIN_WORDS, assign_words


@dataclass(frozen=True, slots=True)
class PlanWarning:
    """What a plan lacks. `code`: FEWER_CHAPTERS, FEWER_WORDS or TOPIC_OMITTED."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Outline:
    """The chapters of a textbook, and how they differ from the request."""

    chapters: tuple[ChapterPlan, ...]
    warnings: tuple[PlanWarning, ...] = ()


def plan_outline(
    topics: Sequence[str], number_of_chapters: int, related: Mapping[str, Sequence[str]], words: Sequence[Word]
) -> Outline:
    """Plan up to this number of chapters, each with MIN_WORDS_OF_TOPIC words about its topics; none without words.

    `related`: the keywords of a topic, by its name in lower case. `words`: of the level.
    """
    groups = group_topics(topics, number_of_chapters)
    index = MeaningIndex(words, 1)
    # Parts of a topic get equal shares of its keywords, so each keyword should have words.
    related = {
        topic: [keyword for keyword in keywords if words_about([keyword], index)] for topic, keywords in related.items()
    }
    parts = [
        min(len(range(start, number_of_chapters, len(groups))), _most_parts(group, related, index))
        for start, group in enumerate(groups)
    ]
    omitted: list[str] = []
    while groups:
        chapters = plan_parts(groups, parts, related)
        sizes = [len(assigned) for assigned in assign_words(chapters, words, main_meanings=True)]
        poor = _poorest(parts, sizes)
        if poor is None:
            return Outline(chapters, _warnings(chapters, sizes, number_of_chapters, omitted))
        parts[poor] -= 1
        if not parts[poor]:
            omitted += groups.pop(poor)
            parts.pop(poor)
    return Outline(())


def describe_plan(chapters: Sequence[ChapterPlan], words: Sequence[Word], wanted: int) -> Outline:
    """Return planned chapters without those that have no words, and how they differ from the request."""
    sizes = [len(assigned) for assigned in assign_words(chapters, words)]
    kept = [(chapter, size) for chapter, size in zip(chapters, sizes, strict=True) if size]
    return Outline(
        tuple(chapter for chapter, _ in kept),
        _warnings([chapter for chapter, _ in kept], [size for _, size in kept], wanted, ()),
    )


def _most_parts(group: Sequence[str], related: Mapping[str, Sequence[str]], index: MeaningIndex) -> int:
    [chapter] = plan_parts([group], [1], related)
    return max(1, len(words_about(chapter.keywords, index)) // MIN_WORDS_OF_TOPIC)


def _poorest(parts: Sequence[int], sizes: Sequence[int]) -> int | None:
    """Return the group whose smallest chapter has too few words, that with the most parts first; None if all have
    enough."""
    order = [(group, part) for part in range(max(parts)) for group, count in enumerate(parts) if part < count]
    poor = {group for (group, _), size in zip(order, sizes, strict=True) if size < MIN_WORDS_OF_TOPIC}
    return max(poor, key=lambda group: (parts[group], group), default=None)


def _warnings(
    chapters: Sequence[ChapterPlan], sizes: Sequence[int], wanted: int, omitted: Sequence[str]
) -> tuple[PlanWarning, ...]:
    found = []
    if len(chapters) < wanted:
        message = (
            f"The textbook has {len(chapters)} of {wanted} chapters: the level has {sum(sizes)} words about the topics."
        )
        found.append(PlanWarning("FEWER_CHAPTERS", message))
    for topic in omitted:
        message = f"No chapter is about {topic}: other chapters have its words, or the level has too few."
        found.append(PlanWarning("TOPIC_OMITTED", message))
    small = [position for position, size in enumerate(sizes, start=1) if size < MIN_WORDS]
    if small:
        listed = ", ".join(map(str, small))
        found.append(
            PlanWarning("FEWER_WORDS", f"Chapters with fewer than {MIN_WORDS} words about their topics: {listed}.")
        )
    return tuple(found)
