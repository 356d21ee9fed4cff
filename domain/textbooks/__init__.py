"""Builds textbooks: which words a chapter teaches, and the chapter itself as Markdown.

Same input, same bytes, so that a chapter can be built again instead of being remembered.
"""

from domain.textbooks.choosing import choose_words as choose_words
from domain.textbooks.model import ChapterPlan as ChapterPlan
from domain.textbooks.model import Example as Example
from domain.textbooks.model import Kanji as Kanji
from domain.textbooks.model import Note as Note
from domain.textbooks.model import Reading as Reading
from domain.textbooks.model import Word as Word
from domain.textbooks.planning import plan_chapters as plan_chapters
from domain.textbooks.rendering import render_chapter as render_chapter
