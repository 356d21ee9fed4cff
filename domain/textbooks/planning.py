"""Plans the chapters of a textbook from its topics."""

from collections.abc import Mapping, Sequence

from domain.textbooks.model import ChapterPlan


def plan_chapters(
    topics: Sequence[str], number_of_chapters: int, related: Mapping[str, Sequence[str]]
) -> tuple[ChapterPlan, ...]:
    """Plan chapters round robin over the topics; topics share chapters if there are more topics than chapters.

    `related`: additional keywords of a topic, by its name in lower case.
    """
    names = list(dict.fromkeys(" ".join(topic.split()) for topic in topics))
    subjects = [names[start::number_of_chapters] for start in range(min(number_of_chapters, len(names)))]
    chapters = []
    for index in range(number_of_chapters):
        part, position = divmod(index, len(subjects))
        is_one_of_several = position + len(subjects) < number_of_chapters or part > 0
        title_ending = f", part {part + 1}" if is_one_of_several else ""
        chapters.append(_plan_chapter(subjects[position], title_ending, related))
    return tuple(chapters)


def _plan_chapter(topics: Sequence[str], title_ending: str, related: Mapping[str, Sequence[str]]) -> ChapterPlan:
    subject = " and ".join(filter(None, (", ".join(topics[:-1]), topics[-1])))
    keywords = [keyword for topic in topics for keyword in _keywords(topic.lower(), related)]
    return ChapterPlan(
        title=subject[:1].upper() + subject[1:] + title_ending,
        summary=f"Words and sentences to talk about {subject}.",
        keywords=tuple(dict.fromkeys(keywords)),
    )


def _keywords(topic: str, related: Mapping[str, Sequence[str]]) -> list[str]:
    # Meanings are in the singular: "animal", never "animals".
    singular = [topic.removesuffix("s")] if topic.endswith("s") else []
    return [topic, *singular, *related.get(topic, ())]
