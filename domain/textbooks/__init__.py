"""Builds textbooks: assigns words to chapters, and renders chapters as Markdown.

The output is deterministic, so that a chapter can be built again instead of being stored.
"""

from domain.textbooks.model import ChapterPlan as ChapterPlan
from domain.textbooks.model import Example as Example
from domain.textbooks.model import Kanji as Kanji
from domain.textbooks.model import Note as Note
from domain.textbooks.model import Reading as Reading
from domain.textbooks.model import Word as Word
from domain.textbooks.outline import Outline as Outline
from domain.textbooks.outline import PlanWarning as PlanWarning
from domain.textbooks.outline import describe_plan as describe_plan
from domain.textbooks.outline import plan_outline as plan_outline
from domain.textbooks.planning import plan_chapters as plan_chapters
from domain.textbooks.rendering import RenderedChapter as RenderedChapter
from domain.textbooks.rendering import render_chapter as render_chapter
from domain.textbooks.word_assignment import assign_words as assign_words
