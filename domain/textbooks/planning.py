"""Plans the chapters of a textbook from its topics."""

from collections.abc import Mapping, Sequence

from domain.textbooks.model import ChapterPlan


def plan_chapters(
    topics: Sequence[str], number_of_chapters: int, related: Mapping[str, Sequence[str]]
) -> tuple[ChapterPlan, ...]:
    """Plan chapters round robin over the topics; topics share chapters if there are more topics than chapters.

    `related`: additional keywords of a topic, by its name in lower case.
    """
    groups = group_topics(topics, number_of_chapters)
    parts = [len(range(start, number_of_chapters, len(groups))) for start in range(len(groups))]
    return plan_parts(groups, parts, related)


def group_topics(topics: Sequence[str], number_of_chapters: int) -> list[list[str]]:
    """Return the topics by chapter, or one group for each topic if there are more chapters."""
    found: dict[str, str] = {}
    for topic in topics:
        name = " ".join(topic.split())
        found.setdefault(name.lower(), name)
    names = list(found.values())
    return [names[start::number_of_chapters] for start in range(min(number_of_chapters, len(names)))]


def plan_parts(
    groups: Sequence[Sequence[str]], parts: Sequence[int], related: Mapping[str, Sequence[str]]
) -> tuple[ChapterPlan, ...]:
    """Plan a number of parts of each group of topics, round robin. Parts share the keywords of their topics."""
    return tuple(
        _plan_chapter(group, part, count, related)
        for part in range(max(parts))
        for group, count in zip(groups, parts, strict=True)
        if part < count
    )


def _plan_chapter(topics: Sequence[str], part: int, parts: int, related: Mapping[str, Sequence[str]]) -> ChapterPlan:
    title_ending = f", part {part + 1}" if parts > 1 else ""
    subject = " and ".join(filter(None, (", ".join(topics[:-1]), topics[-1])))
    keywords = [keyword for topic in topics for keyword in _keywords(topic.lower(), related)]
    return ChapterPlan(
        title=subject[:1].upper() + subject[1:] + title_ending,
        summary=f"Words and sentences to talk about {subject}.",
        keywords=tuple(dict.fromkeys(keywords))[part::parts],
    )


def _keywords(topic: str, related: Mapping[str, Sequence[str]]) -> list[str]:
    # Meanings are in the singular: "animal", never "animals".
    singular = [topic.removesuffix("s")] if topic.endswith("s") else []
    return [topic, *singular, *related.get(topic, ())]
