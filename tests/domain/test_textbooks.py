"""Textbooks: planning chapters, choosing words and rendering."""

import re
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.enums import JlptLevel
from domain.textbooks import ChapterPlan, Word, assign_words, plan_chapters, plan_outline, render_chapter
from domain.textbooks.topics import Topic, TopicIndex
from domain.textbooks.word_assignment import MAX_WORDS
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

    def test_every_keyword_counts_before_a_second_word_for_one_of_them(self) -> None:
        (words,) = assign_words([plan("red", "blue", "white", "black", "yellow")], N5)
        assert [chosen.word for chosen in words[:7]] == ["赤", "青", "白", "黒", "黄色", "赤い", "青い"]

    def test_later_chapter_keeps_its_topic_word(self) -> None:
        chapters = [plan("weather"), plan("rain")]
        first, second = assign_words(chapters, N5)
        assert word("天気", JlptLevel.N5) in first
        assert word("雨", JlptLevel.N5) in second

    def test_has_no_words_that_no_keyword_means(self) -> None:
        (words, none) = assign_words([plan("red", "blue"), plan("no such meaning")], N5)
        assert {meaning for found in words for meaning in found.meanings} >= {"red", "blue"}
        assert all({"red", "blue"} & set(found.meanings) for found in words)
        assert none == ()

    def test_main_meanings_exclude_others_and_parts_of_terms(self) -> None:
        time, free_time, span = made_up("じかん", "time"), made_up("ひま", "free time"), made_up("ま", "space", "time")
        words = [time, free_time, span]
        assert assign_words([plan("time")], words) == ((time, span, free_time),)
        assert assign_words([plan("time")], words, main_meanings=True) == ((time,),)

    @settings(max_examples=10, deadline=None)
    @given(st.lists(st.lists(st.sampled_from([meaning for found in N5 for meaning in found.meanings])), min_size=1))
    def test_chapters_share_no_word(self, keywords: list[list[str]]) -> None:
        chapters = [plan(*chapter) for chapter in keywords]
        chosen = assign_words(chapters, N5)
        words = list(chain.from_iterable(chosen))
        assert len(set(words)) == len(words)
        assert all(len(chapter) <= MAX_WORDS for chapter in chosen)
        assert assign_words(chapters, N5) == chosen


class TestPlanning:
    def test_chapters_take_turns_through_the_topics(self) -> None:
        titles = [chapter.title for chapter in plan_chapters(["food", "Animals"], 5, {})]
        assert titles == ["Food, part 1", "Animals, part 1", "Food, part 2", "Animals, part 2", "Food, part 3"]

    def test_more_topics_than_chapters_share_them(self) -> None:
        titles = [chapter.title for chapter in plan_chapters(["food", "school", "work", "art", "sport"], 2, {})]
        assert titles == ["Food, work and sport", "School and art"]

    def test_topic_is_named_once(self) -> None:
        titles = [chapter.title for chapter in plan_chapters(["numbers", "food", "Numbers "], 3, {})]
        assert titles == ["Numbers, part 1", "Food", "Numbers, part 2"]

    def test_topic_includes_singular_and_related_words(self) -> None:
        (chapter,) = plan_chapters([" Animals "], 1, {"animals": ("dog", "cat")})
        assert chapter.keywords == ("animals", "animal", "dog", "cat")


class TestOutline:
    COLOURS = ("red", "blue", "white", "black", "yellow", "green", "brown")

    def words(self, *meanings: str) -> list[Word]:
        return [made_up(f"あ{index}", meaning) for index, meaning in enumerate(meanings)]

    def test_has_as_many_chapters_as_there_are_words_for(self) -> None:
        related = {"colours": self.COLOURS, "numbers": tuple(f"number {n}" for n in range(40))}
        words = self.words(*related["colours"], *related["numbers"], *(f"other {n}" for n in range(100)))
        outline = plan_outline(["colours", "numbers"], 20, related, words)
        titles = [chapter.title for chapter in outline.chapters]
        assert titles == ["Colours", "Numbers, part 1", *(f"Numbers, part {part}" for part in range(2, 7))]
        assert [warning.code for warning in outline.warnings] == ["FEWER_CHAPTERS", "FEWER_WORDS"]
        assert outline.warnings[0].message.startswith("The textbook has 7 of 20 chapters: the level has 47 words")
        assigned = assign_words(outline.chapters, words, main_meanings=True)
        assert all(6 <= len(chapter) <= MAX_WORDS for chapter in assigned)

    def test_request_that_fits_has_no_warning(self) -> None:
        meanings = tuple(f"colour {n}" for n in range(24))
        outline = plan_outline(["colours"], 2, {"colours": meanings}, self.words(*meanings))
        assert (len(outline.chapters), outline.warnings) == (2, ())

    def test_topic_with_the_words_of_another_is_omitted(self) -> None:
        related = {"colours": self.COLOURS, "shades": self.COLOURS}
        outline = plan_outline(["colours", "shades"], 2, related, self.words(*self.COLOURS))
        assert len(outline.chapters) == 1
        assert [warning.code for warning in outline.warnings] == ["FEWER_CHAPTERS", "TOPIC_OMITTED", "FEWER_WORDS"]

    def test_topics_without_words_have_no_chapters(self) -> None:
        assert plan_outline(["elves"], 3, {}, self.words("red")).chapters == ()


class TestTopics:
    INDEX = TopicIndex(
        [Topic(("hot springs", "温泉", "おんせん"), ("bath",)), Topic(("numbers", "数字", "すうじ"), ("one", "two"))]
    )

    @pytest.mark.parametrize(
        "name", ["hot springs", "Hot Spring", "HOT-SPRINGS", " hot  spring", "温泉", "おんせん", "オンセン", "onsen"]
    )
    def test_topic_is_found_by_any_name(self, name: str) -> None:
        topic = self.INDEX.find(name)
        assert topic is not None
        assert topic.name == "hot springs"

    def test_unknown_topics_have_suggestions(self) -> None:
        assert self.INDEX.find("numbres") is None
        assert self.INDEX.suggest("numbres") == ["numbers"]
        assert self.INDEX.suggest("baths") == ["hot springs"]
        assert self.INDEX.suggest("Numbers and counting") == ["numbers"]
        assert self.INDEX.suggest("A hot spring & 数字の話") == ["hot springs", "numbers"]
        assert self.INDEX.suggest("elves") == ["hot springs", "numbers"]


class TestRendering:
    CHAPTER = plan(
        *("fish", "meat", "cheap", "to eat", "food", "dining hall", "vegetable", "fruit", "egg", "to buy", "shop"),
        *("to sell", "expensive"),
        title="Market",
        summary="Buy something.",
    )
    WORDS = assign_words([CHAPTER], N5)[0]
    CONTENT = render_chapter(CHAPTER, WORDS).content

    def test_rendering_is_deterministic(self) -> None:
        assert render_chapter(self.CHAPTER, assign_words([self.CHAPTER], N5)[0]).content == self.CONTENT

    def test_sections_are_in_order(self) -> None:
        titles = re.findall(r"^## (.*)", self.CONTENT, re.MULTILINE)
        assert titles == ["Words", "Kanji", "Sentences", "Exercises", "Review", "Answers"]
        assert self.CONTENT.startswith("# Market\n\nBuy something.\n\nJLPT N5 · 13 words · ")

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
