"""Japanese inflection: from forms to dictionary forms (`deinflect`) and from words to their forms (`conjugate`).

Both are written from the grammar and independently of each other, so that tests compare them.
"""

from domain.inflection.conjugation import Conjugation, conjugate
from domain.inflection.deinflection import MAX_CANDIDATES, MAX_LENGTH, Candidate, deinflect, find_chain
from domain.inflection.inflections import Inflection
from domain.inflection.word_classes import WordClass, word_class_of, word_classes_of

__all__ = [
    "MAX_CANDIDATES",
    "MAX_LENGTH",
    "Candidate",
    "Conjugation",
    "Inflection",
    "WordClass",
    "conjugate",
    "deinflect",
    "find_chain",
    "word_class_of",
    "word_classes_of",
]
