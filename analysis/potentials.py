"""Potential verbs that Sudachi takes for other verbs and the dictionary does not have, such as 担げる for 担ぐ."""

from functools import lru_cache

from analysis.morphemes import is_godan_verb
from analysis.tokens import Token
from analysis.verbs import GODAN, potential_base
from domain.inflection import Inflection, WordClass

_ICHIDAN = int(WordClass.ICHIDAN)


def as_potential(token: Token) -> Token | None:
    """Return the token as a form of its godan verb; None if it can be no potential."""
    form = _godan_verb(token.dictionary_form) if token.classes & _ICHIDAN else None
    if form is None:
        return None
    reading = token.dictionary_reading and potential_base(token.dictionary_reading)
    inflection = (Inflection.POTENTIAL, *token.inflection)
    return token._replace(dictionary_form=form, dictionary_reading=reading, classes=GODAN, inflection=inflection)


@lru_cache(maxsize=1 << 12)
def _godan_verb(form: str) -> str | None:
    verb = potential_base(form)
    return verb if verb is not None and is_godan_verb(verb) else None
