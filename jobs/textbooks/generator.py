"""The interface of textbook generators."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from db.services.chapters import NewChapter
from domain.enums import JlptLevel
from domain.textbooks import ChapterPlan, Outline
from jobs.attempts import Attempt


@dataclass(frozen=True, slots=True)
class TextbookRequest:
    """The input of a generation job."""

    title: str
    level: JlptLevel
    topics: tuple[str, ...]
    chapters: int

    @classmethod
    def from_input(cls, input: dict[str, Any]) -> Self:
        return cls(input["title"], JlptLevel(input["level"]), tuple(input["topics"]), input["chapters"])


class Generator(Protocol):
    """Plans a textbook, then writes its chapters, concurrently and in any order."""

    async def plan(self, attempt: Attempt, request: TextbookRequest) -> Outline:
        """Plan up to the requested number of chapters, at least one. Raises JobFailed."""

    async def write(
        self, attempt: Attempt, request: TextbookRequest, plan: Sequence[ChapterPlan], position: int
    ) -> NewChapter:
        """Write the chapter at a position, from 1. No two chapters teach the same word. Raises JobFailed."""
