"""Textbooks: planning chapters, choosing words and rendering."""

import re
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.enums import JlptLevel
from domain.textbooks import ChapterPlan, Example, assign_words, plan_chapters, render_chapter
from domain.textbooks.word_assignment import MAX_WORDS, MIN_WORDS
from tests.domain.dictionary import made_up, word, words_of_level

N5 = words_of_level(JlptLevel.N5)


def plan(*keywords: str, title: str = "Chapter", summary: str = "Summary.") -> ChapterPlan:
    return ChapterPlan(title, summary, keywords)


def section(content: str, title: str) -> str:
    found = re.search(rf"^## {title}\n\n(.*?)(?=\n## |\Z)", content, re.MULTILINE | re.DOTALL)
    assert found, f"no section {title!r}"
    return found[1]


class TestWordSelection:
    def test_takes_the_words_that_the_keywords_mean(self) -> None:
        (words,) = assign_words([plan("to eat", "fish", "cheap", "ear")], N5)
        assert [chosen.word for chosen in words[:4]] == ["食べる", "魚", "安い", "耳"]
        assert len(words) == MIN_WORDS

    def test_every_keyword_counts_before_a_second_word_for_one_of_them(self) -> None:
        (words,) = assign_words([plan("red", "blue", "white", "black", "yellow")], N5)
        assert [chosen.word for chosen in words[:7]] == ["赤", "青", "白", "黒", "黄色", "赤い", "青い"]

    def test_later_chapter_keeps_its_topic_word(self) -> None:
        chapters = [plan("weather"), plan("rain")]
        first, second = assign_words(chapters, N5)
        assert word("天気", JlptLevel.N5) in first
        assert word("雨", JlptLevel.N5) in second

    def test_fills_up_with_words_that_share_a_kanji(self) -> None:
        related = made_up("目薬", "medicine for the eyes")
        others = [made_up(f"あ{number}", f"meaning {number}") for number in range(40)]
        (words, _) = assign_words([plan("eye"), plan("other")], [*others, related, made_up("目", "eye")])
        assert words[0].word == "目"
        assert words[1] == related

    def test_fills_up_with_sound_entries_first(self) -> None:
        sound = made_up("せっけん", "soap", example=Example("せっけんで手を洗う。", "I wash my hands with soap."))
        unsound = [made_up(f"か{number}", "economy") for number in range(30)]
        (words, _) = assign_words([plan("nothing"), plan("nothing")], [*unsound, sound])
        assert words[0] == sound

    @pytest.mark.parametrize("level", JlptLevel)
    def test_fifty_chapters_are_full_at_every_level(self, level: JlptLevel) -> None:
        chapters = plan_chapters(["travel"], 50, {})
        assert {len(words) for words in assign_words(chapters, words_of_level(level))} == {MIN_WORDS}

    @settings(max_examples=10, deadline=None)
    @given(st.lists(st.lists(st.sampled_from([meaning for found in N5 for meaning in found.meanings])), min_size=1))
    def test_chapters_share_no_word(self, keywords: list[list[str]]) -> None:
        chapters = [plan(*chapter) for chapter in keywords]
        chosen = assign_words(chapters, N5)
        words = list(chain.from_iterable(chosen))
        assert len(set(words)) == len(words)
        assert all(min(MIN_WORDS, len(N5) // len(chapters)) <= len(chapter) <= MAX_WORDS for chapter in chosen)
        assert assign_words(chapters, N5) == chosen


class TestPlanning:
    def test_chapters_take_turns_through_the_topics(self) -> None:
        titles = [chapter.title for chapter in plan_chapters(["food", "Animals"], 5, {})]
        assert titles == ["Food, part 1", "Animals, part 1", "Food, part 2", "Animals, part 2", "Food, part 3"]

    def test_more_topics_than_chapters_share_them(self) -> None:
        titles = [chapter.title for chapter in plan_chapters(["food", "school", "work", "art", "sport"], 2, {})]
        assert titles == ["Food, work and sport", "School and art"]

    def test_topic_includes_singular_and_related_words(self) -> None:
        (chapter,) = plan_chapters([" Animals "], 1, {"animals": ("dog", "cat")})
        assert chapter.keywords == ("animals", "animal", "dog", "cat")


class TestRendering:
    CHAPTER = plan("fish", "meat", "cheap", "to eat", title="Market", summary="Buy something.")
    WORDS = assign_words([CHAPTER], N5)[0]
    CONTENT = render_chapter(CHAPTER, WORDS).content

    def test_rendering_is_deterministic(self) -> None:
        assert render_chapter(self.CHAPTER, assign_words([self.CHAPTER], N5)[0]).content == self.CONTENT

    def test_sections_are_in_order(self) -> None:
        titles = re.findall(r"^## (.*)", self.CONTENT, re.MULTILINE)
        assert titles == ["Words", "Kanji", "Sentences", "Exercises", "Review", "Answers"]
        assert self.CONTENT.startswith("# Market\n\nBuy something.\n\nJLPT N5 · 12 words · ")

    def test_every_word_has_a_row_with_reading_and_meaning(self) -> None:
        rows = section(self.CONTENT, "Words")
        assert all(f"| {found.word} | {found.reading} | {found.meanings[0]}" in rows for found in self.WORDS)

    def test_kanji_have_readings_and_their_words(self) -> None:
        row = "| 食 | eat; food | ショク、ジキ | く(う)、く(らう)、た(べる) | 食べる、食べ物、食堂 |"
        assert row in section(self.CONTENT, "Kanji")

    def test_every_question_has_an_answer(self) -> None:
        questions = re.split(r"^### ", section(self.CONTENT, "Exercises"), flags=re.MULTILINE)[1:]
        answers = re.split(r"^### ", section(self.CONTENT, "Answers"), flags=re.MULTILINE)[1:]
        assert len(questions) == len(answers) == 4
        for asked, answered in zip(questions, answers, strict=True):
            assert asked.splitlines()[0] == answered.splitlines()[0]
            assert len(re.findall(r"^\d+\. ", asked, re.MULTILINE)) == len(
                re.findall(r"^\d+\. ", answered, re.MULTILINE)
            )

    def test_matching_answers_are_correct(self) -> None:
        asked = section(self.CONTENT, "Exercises").split("### ")[1]
        meanings = dict(re.findall(r"^- (\w)\) (.*)", asked, re.MULTILINE))
        readings = re.findall(r"^\d+\. (.*)", asked, re.MULTILINE)
        answers = re.findall(r"^\d+\. (\w)\) (.*)", section(self.CONTENT, "Answers").split("### ")[1], re.MULTILINE)
        for reading, (letter, spelling) in zip(readings, answers, strict=True):
            found = word(spelling, JlptLevel.N5)
            assert found.reading == reading
            assert meanings[letter].split("; ")[0] == found.meanings[0]

    def test_filled_gap_is_an_example_sentence(self) -> None:
        gaps = re.findall(r"^\d+\. (.*＿＿＿＿.*) \(", self.CONTENT, re.MULTILINE)
        answers = re.findall(r"^\d+\. ([^（\n]*)", section(self.CONTENT, "Answers").split("### ")[2], re.MULTILINE)
        sentences = {example.japanese for found in self.WORDS for example in found.examples}
        assert len(gaps) >= 3
        for gap, answer in zip(gaps, answers, strict=True):
            assert gap.replace("＿＿＿＿", answer) in sentences

    def test_words_of_the_same_meaning_are_not_confused(self) -> None:
        twins = [made_up("あか", "red"), made_up("あかい", "red"), made_up("あお", "blue")]
        asked = section(render_chapter(plan(), twins).content, "Exercises")
        assert len(re.findall(r"^- .*red", asked, re.MULTILINE)) == 1

    def test_text_is_never_markup(self) -> None:
        hostile = plan(title="# [x](javascript:1)", summary="<script>\n\n# a | b")
        content = render_chapter(hostile, [made_up("あ|い", "*a*")]).content
        assert content.startswith("# \\# \\[x\\](javascript:1)\n\n\\<script\\> \\# a \\| b\n\n")
        assert "| あ\\|い | あ\\|い | \\*a\\* |" in content

    def test_sections_without_content_are_omitted(self) -> None:
        content = render_chapter(plan(), [made_up("あ", "ah"), made_up("い", "eh")]).content
        titles = re.findall(r"^## (.*)", content, re.MULTILINE)
        assert titles == ["Words", "Exercises", "Review", "Answers"]
