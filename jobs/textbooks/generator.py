"""What a generator of textbooks is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from db.services.chapters import NewChapter
from domain.enums import JlptLevel
from domain.textbooks import ChapterPlan
from jobs.attempts import Attempt


@dataclass(frozen=True, slots=True)
class TextbookRequest:
    """What a learner asked for."""

    title: str
    level: JlptLevel
    topics: tuple[str, ...]
    chapters: int

    @classmethod
    def from_input(cls, input: dict[str, Any]) -> Self:
        return cls(input["title"], JlptLevel(input["level"]), tuple(input["topics"]), input["chapters"])


class Generator(Protocol):
    """Plans a textbook, then writes its chapters, several at once and in any order."""

    async def plan(self, attempt: Attempt, request: TextbookRequest) -> Sequence[ChapterPlan]:
        """As many chapters as were asked for. Raises JobFailed."""

    async def write(
        self, attempt: Attempt, request: TextbookRequest, plan: Sequence[ChapterPlan], position: int
    ) -> NewChapter:
        """The chapter at a position, from 1. The same word is not taught in two chapters. Raises JobFailed."""
