"""Analysis of Japanese text: sentences and words with their readings, parts of speech and inflections.

SudachiPy and its small dictionary split text into morphemes, the smallest units that have a meaning. `analyze` joins
them into the words that a reader looks up: a verb or adjective with its endings is one token.
"""

from analysis.analyzer import MAX_LENGTH, analyze
from analysis.parts_of_speech import TokenPartOfSpeech
from analysis.tokens import Sentence, Token

__all__ = ["MAX_LENGTH", "Sentence", "Token", "TokenPartOfSpeech", "analyze"]
