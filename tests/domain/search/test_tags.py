"""Tags in queries: which filters they are, and what is no tag."""

import pytest

from domain.dictionary import PartOfSpeech
from domain.enums import JlptLevel
from domain.errors import BadUserInput
from domain.search.tags import SearchTags, split_tags


@pytest.mark.parametrize(
    ("text", "rest", "tags"),
    [
        ("水 #n5", "水", SearchTags([JlptLevel.N5])),
        ("#JLPT-N4 みず #n5", "みず", SearchTags([JlptLevel.N4, JlptLevel.N5])),
        ("水　＃ｃｏｍｍｏｎ", "水", SearchTags(is_common=True)),
        ("eat #vt", "eat", SearchTags(parts_of_speech=[PartOfSpeech.TRANSITIVE_VERB])),
        ("fast #adverb", "fast", SearchTags(parts_of_speech=[PartOfSpeech.ADVERB, PartOfSpeech.TO_ADVERB])),
        ("c#", "c#", SearchTags()),
        ("#1", "#1", SearchTags()),
        ("b#minor", "b#minor", SearchTags()),
    ],
)
def test_tags(text: str, rest: str, tags: SearchTags) -> None:
    found, parsed = split_tags("query", text)
    assert (found.strip(), parsed) == (rest, tags)


def test_verbs_are_no_adverbs() -> None:
    _, tags = split_tags("query", "走る #verb")
    assert tags.parts_of_speech is not None
    assert {PartOfSpeech.GODAN_VERB_RU, PartOfSpeech.SURU_NOUN} <= set(tags.parts_of_speech)
    assert {PartOfSpeech.ADVERB, PartOfSpeech.AUXILIARY_VERB}.isdisjoint(tags.parts_of_speech)


@pytest.mark.parametrize(("text", "message"), [("水 #n6", "'#n6' is no tag"), ("#n5 #verb", "has only tags")])
def test_error_names_the_tag(text: str, message: str) -> None:
    with pytest.raises(BadUserInput, match=message):
        split_tags("query", text)
