"""Renders a chapter as Markdown: words, kanji, sentences, exercises, a review list, and the answers last."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from string import ascii_lowercase

from domain.enums import ExerciseKind
from domain.exercises.model import Exercise, Prompt, Solution
from domain.textbooks.exercises import build_exercises
from domain.textbooks.model import ChapterPlan, Kanji, Reading, Word
from domain.textbooks.sentences import Sentence, kanji_in, usable_sentences
from domain.textbooks.text import bulleted, gloss, headword, literal, numbered, table

_SENTENCES_SHOWN = 8
_READINGS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class RenderedChapter:
    """The content of a chapter in Markdown, and the exercises in it."""

    content: str
    exercises: tuple[Exercise, ...]


def render_chapter(plan: ChapterPlan, words: Sequence[Word], reading: Reading | None = None) -> RenderedChapter:
    """Render GitHub-flavoured Markdown. Markup in the input is escaped."""
    kanji = tuple(dict.fromkeys(character for word in words for character in word.kanji))
    sentences = _sentences(words, kanji)
    # Half of the sentences, if they are few, are reserved for the exercises.
    number_shown = min(_SENTENCES_SHOWN, (len(sentences) + 1) // 2)
    shown, more = sentences[:number_shown], sentences[number_shown:]
    exercises = build_exercises(words, more + shown)
    sections = (
        ("Words", table(("Word", "Reading", "Meaning"), map(_word_row, words))),
        ("Kanji", _kanji_table(kanji, words) if kanji else ""),
        ("Reading", _text(reading) if reading else ""),
        ("Notes", _notes(reading) if reading else ""),
        ("Sentences", numbered(map(_with_translation, shown))),
        ("Exercises", "\n\n".join(map(_questions, exercises))),
        ("Review", f"Cover the tables above. Say the reading and the meaning of each word.\n\n{_review_list(words)}"),
        ("Answers", "\n\n".join(map(_answers, exercises))),
    )
    body = "\n\n".join(f"## {title}\n\n{content}" for title, content in sections if content)
    content = f"# {literal(plan.title)}\n\n{literal(plan.summary)}\n\n{_size(words, kanji)}\n\n{body}\n"
    return RenderedChapter(content, exercises)


def _size(words: Sequence[Word], kanji: Sequence[Kanji]) -> str:
    levels = ", ".join(sorted({word.level.value for word in words}, reverse=True))
    return f"JLPT {levels} · {len(words)} words · {len(kanji)} kanji"


def _word_row(word: Word) -> tuple[str, ...]:
    return literal(word.word), literal(word.reading), gloss(word.meanings)


def _kanji_table(kanji: Sequence[Kanji], words: Sequence[Word]) -> str:
    rows = [
        (
            literal(character.character),
            gloss(character.meanings),
            _readings(character.onyomi),
            _readings(character.kunyomi),
            "、".join(literal(word.word) for word in words if character in word.kanji),
        )
        for character in kanji
    ]
    return table(("Kanji", "Meaning", "On", "Kun", "In this chapter"), rows)


def _readings(readings: Sequence[str]) -> str:
    """Render た.べる as た(べる), with okurigana in brackets."""
    plain = (reading.strip("-") for reading in readings)
    shown = (
        f"{stem}({ending})" if ending else stem for stem, _, ending in (reading.partition(".") for reading in plain)
    )
    return literal("、".join(list(dict.fromkeys(shown))[:_READINGS_SHOWN]) or "–")


def _sentences(words: Sequence[Word], kanji: Sequence[Kanji]) -> list[Sentence]:
    """One sentence per word, then the others; sentences with the fewest kanji that the chapter lacks come first."""
    taught = {character.character for character in kanji}
    sorted_by_ease = (
        sorted(usable_sentences(word), key=lambda sentence: len(kanji_in(sentence.japanese) - taught)) for word in words
    )
    found = filter(None, chain.from_iterable(zip_longest(*sorted_by_ease)))
    return list({sentence.japanese: sentence for sentence in found}.values())


def _text(reading: Reading) -> str:
    return numbered(f"{literal(sentence.japanese)}\\\n   {literal(sentence.english)}" for sentence in reading.sentences)


def _notes(reading: Reading) -> str:
    return "\n\n".join(f"### {literal(note.title)}\n\n{literal(note.explanation)}" for note in reading.notes)


def _with_translation(sentence: Sentence) -> str:
    japanese = f"{literal(sentence.before)}**{literal(sentence.spelling)}**{literal(sentence.after)}"
    return (
        f"{japanese}\\\n   {literal(sentence.english)}\\\n   {headword(sentence.word)}: {gloss(sentence.word.meanings)}"
    )


def _questions(exercise: Exercise) -> str:
    parts = (
        f"### {exercise.title}",
        exercise.task,
        bulleted(_option(exercise, option) for option in range(len(exercise.options))),
        numbered(map(_prompt, exercise.prompts)),
    )
    return "\n\n".join(filter(None, parts))


def _option(exercise: Exercise, option: int) -> str:
    text = literal(exercise.options[option])
    return f"{ascii_lowercase[option]}) {text}" if exercise.kind is ExerciseKind.MATCHING else text


def _prompt(prompt: Prompt) -> str:
    translation = "" if prompt.translation is None else f" ({literal(prompt.translation)})"
    return literal(prompt.text) + translation


def _answers(exercise: Exercise) -> str:
    return f"### {exercise.title}\n\n{numbered(_answer(exercise, solution) for solution in exercise.solutions)}"


def _answer(exercise: Exercise, solution: Solution) -> str:
    if exercise.kind is ExerciseKind.MATCHING and solution.option is not None:
        return f"{ascii_lowercase[solution.option]}) {literal(solution.explanation or '')}"
    return literal(solution.answer)


def _review_list(words: Sequence[Word]) -> str:
    return bulleted(literal(word.word) for word in words)
