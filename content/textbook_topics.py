"""Loads the topics of generated textbooks, and how many words of each level are about them."""

import hashlib
import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated

import asyncpg
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from content.catalogue import TEXTBOOK_PLANS, keywords_by_topic, load_textbook_plans
from content.loader import Part
from content.vocabulary import fingerprint_with_digest
from content.words import read_dictionary
from domain.enums import JlptLevel
from domain.textbooks.matching import MeaningIndex
from domain.textbooks.topics import MIN_WORDS_OF_TOPIC, Topic, TopicIndex, words_about

TOPICS = Path(__file__).parent / "textbook_topics.toml"
_REVISION = 2

_Text = Annotated[str, Field(pattern=r"^\S(.*\S)?$")]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    japanese: Annotated[tuple[_Text, ...], Field(min_length=1)]
    aliases: tuple[_Text, ...] = ()
    keywords: tuple[_Text, ...] = ()


@cache
def load_topics() -> dict[Topic, str]:
    """Return the topics with their Japanese names, in alphabetical order. Raises pydantic's ValidationError for a file
    that does not match."""
    entries = TypeAdapter(dict[_Text, _Entry]).validate_python(tomllib.loads(TOPICS.read_text(encoding="utf-8")))
    planned = keywords_by_topic(load_textbook_plans())
    topics = {}
    for name, entry in sorted(entries.items()):
        keywords = dict.fromkeys((name, name.removesuffix("s"), *planned.get(name, ()), *entry.keywords))
        topics[Topic((name, *entry.japanese, *entry.aliases), tuple(keywords))] = entry.japanese[0]
    return topics


@cache
def topic_index() -> TopicIndex:
    return TopicIndex(load_topics())


def _fingerprint() -> str:
    digest = hashlib.sha256(TOPICS.read_bytes() + TEXTBOOK_PLANS.read_bytes()).hexdigest()
    return fingerprint_with_digest("topics", digest, _REVISION)


async def _load(connection: asyncpg.Connection) -> None:
    dictionary = await read_dictionary(connection)
    rows = []
    for level in JlptLevel:
        index = MeaningIndex(dictionary.of_level(level), 1)
        for topic, japanese in load_topics().items():
            count = len(words_about(topic.keywords, index))
            if count >= MIN_WORDS_OF_TOPIC:
                rows.append((level.value, topic.name, japanese, list(topic.names), list(topic.keywords), count))
    await connection.execute("delete from textbook_topics")
    await connection.copy_records_to_table(
        "textbook_topics",
        columns=["jlpt_level", "name", "japanese_name", "names", "keywords", "word_count"],
        records=rows,
    )


PART = Part("topics", _fingerprint, _load, ("textbook_topics",))
