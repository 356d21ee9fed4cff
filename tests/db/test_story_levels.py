"""The graded readers can be read with the words of their level."""

from typing import Any

from analysis import analyze
from analysis.ruby import apply_ruby
from content.stories import load_stories
from content.story_books import story_text
from content.text_words import WordFinder
from domain.enums import JlptLevel
from domain.ids import VocabularyId
from tests.content.jmdict import needs_jmdict
from tests.story_levels import frequencies, too_hard, words_to_know

MIN_SHARE = 0.95


@needs_jmdict
async def test_words_of_stories_are_of_their_level(owner: Any) -> None:
    stories = load_stories()
    texts = [story_text(story) for story in stories]
    analyzed = [apply_ruby(analyze(text.text), text.ruby) for text in texts]
    matched = await WordFinder(owner).find([text.text for text in texts], [text.ruby for text in texts])
    words = [list(words_to_know(*each)) for each in zip(stories, analyzed, matched, strict=True)]
    rows = await owner.fetch(
        "select id, jlpt_level from vocabulary where jlpt_level is not null and id = any($1)",
        [word.vocabulary_id for found in words for word in found if word.vocabulary_id is not None],
    )
    levels = {VocabularyId(row["id"]): JlptLevel(row["jlpt_level"]) for row in rows}
    tags = frequencies([word for found in words for word in found if word.vocabulary_id not in levels])
    hard = [too_hard(story.jlpt_level, found, levels, tags) for story, found in zip(stories, words, strict=True)]
    shares = {
        story.slug: 1 - above.total() / len(found) for story, found, above in zip(stories, words, hard, strict=True)
    }
    assert all(len(found) > 100 for found in words)
    assert [
        (story.slug, round(shares[story.slug], 3), above.most_common())
        for story, above in zip(stories, hard, strict=True)
        if shares[story.slug] < MIN_SHARE
    ] == []
