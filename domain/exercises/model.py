"""Exercises and answers, and their JSON in the database."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from domain.enums import AnswerLanguage, ExerciseKind

# Of a chapter or a book; constraints of the tables enforce these sizes.
MAX_EXERCISES = 4
MAX_PROMPTS, MAX_OPTIONS = 8, 8
# The longest typed answer, and the longest stored text, in characters. Long explanations of JMdict are cut.
MAX_ANSWER_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question of an exercise. `translation`: of a Japanese sentence with a gap, into English."""

    text: str
    translation: str | None = None


@dataclass(frozen=True, slots=True)
class Solution:
    """The solution of a prompt.

    `answer`: as it is shown. `option`: its index in the options of the exercise, if it has any. `accepted`: the typed
    answers that are right. `explanation`: in English, or the spelling of a word that the prompt has in kana.
    """

    answer: str
    accepted: tuple[str, ...]
    option: int | None = None
    explanation: str | None = None


@dataclass(frozen=True, slots=True)
class Exercise:
    """An exercise. `options`: shared by all prompts; empty if answers are typed. `solutions`: one for each prompt."""

    kind: ExerciseKind
    title: str
    task: str
    answer_language: AnswerLanguage
    prompts: tuple[Prompt, ...]
    options: tuple[str, ...]
    solutions: tuple[Solution, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a prompt: the index of an option, or typed text. Neither: unanswered."""

    option: int | None = None
    text: str | None = None

    @property
    def is_given(self) -> bool:
        return self.option is not None or self.text is not None


def encode_options(options: Sequence[str]) -> str:
    return orjson.dumps([_clip(option) for option in options]).decode()


def encode_prompts(prompts: Sequence[Prompt]) -> str:
    return orjson.dumps([[_clip(prompt.text), _clip(prompt.translation)] for prompt in prompts]).decode()


def decode_prompts(text: str) -> list[Prompt]:
    return [Prompt(*values) for values in orjson.loads(text)]


def encode_solutions(solutions: Sequence[Solution]) -> str:
    values = [[_clip(found.answer), found.accepted, found.option, _clip(found.explanation)] for found in solutions]
    return orjson.dumps(values).decode()


def decode_solutions(text: str) -> list[Solution]:
    return [
        Solution(answer, tuple(accepted), option, explanation)
        for answer, accepted, option, explanation in orjson.loads(text)
    ]


def encode_answers(answers: Sequence[Answer]) -> str:
    return orjson.dumps([[answer.option, answer.text] for answer in answers]).decode()


def decode_answers(text: str) -> list[Answer]:
    return [Answer(*values) for values in orjson.loads(text)]


def _clip(text: str | None) -> str | None:
    return text if text is None or len(text) <= MAX_ANSWER_LENGTH else text[: MAX_ANSWER_LENGTH - 1] + "…"
