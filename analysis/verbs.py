"""The verbs that learners look up, where Sudachi has another dictionary form."""

from collections.abc import Callable

from domain.inflection import WordClass

GODAN = int(WordClass.GODAN | WordClass.GODAN_IKU)
_ICHIDAN = int(WordClass.ICHIDAN)
# The kana of the う-row by that of the え-row, for potential verbs: 書ける is a form of 書く.
_GODAN_ENDINGS = dict(zip("えけげせてねべめれ", "うくぐすつぬぶむる", strict=True))
# Dictionary forms of morphemes that follow the stem of an ichidan verb, and no noun.
ENDINGS_OF_STEMS = frozenset(("られる", "させる", "ちゃう", "ず", "ます", "たい", "なさる", "てる"))
# After nouns, these are particles, too.
IMPERATIVE_ENDINGS = frozenset(("ろ", "よ"))


def verb_of(
    surface: str, dictionary_form: str, normalized_form: str, classes_of: Callable[[str], int]
) -> tuple[str, int] | None:
    """Return a verb with its classes; None if it is the dictionary form.

    `classes_of`: the classes of the verbs that Sudachi's dictionary has with a spelling.
    """
    if not dictionary_form.endswith("る"):
        return None
    if dictionary_form[-2:] == "ずる" and surface[len(dictionary_form) - 2 :][:1] == "じ":
        # 感じない is a form of 感じる. Sudachi takes it for one of the older 感ずる.
        return f"{dictionary_form[:-2]}じる", _ICHIDAN
    if surface == f"{dictionary_form[:-1]}ろ":
        # Sudachi has 伏せろ as a form of the godan verb.
        return dictionary_form, _ICHIDAN
    return _verb_of_potential(dictionary_form, normalized_form, classes_of)


def ichidan_verb_of(stem: str, classes_of: Callable[[str], int]) -> str | None:
    """Return the ichidan verb with this stem; None if there is none."""
    verb = f"{stem}る"
    return verb if classes_of(verb) & _ICHIDAN else None


def potential_base(form: str) -> str | None:
    """Return the godan verb that has this form as its potential, whether there is one or not: 切る for 切れる."""
    ending = _GODAN_ENDINGS.get(form[-2:-1])
    return form[:-2] + ending if ending is not None and form.endswith("る") and len(form) > 2 else None


def _verb_of_potential(
    dictionary_form: str, normalized_form: str, classes_of: Callable[[str], int]
) -> tuple[str, int] | None:
    """Return the verb of which the dictionary form is the potential: 書く for 書ける, 見る for 見れる.

    Sudachi normalizes a potential to its verb, and verbs such as 切れる, which mean something else, to themselves.
    """
    ending = _GODAN_ENDINGS.get(dictionary_form[-2:-1])
    if ending is None or normalized_form[-1:] != ending:
        return None
    verb = dictionary_form[:-2] + ending
    if ending != "る":
        return verb, GODAN
    if normalized_form[-2:-1] == "れ":
        return None
    # かえれる is the potential of 帰る. That of 変える is かえられる; かえれる is colloquial.
    classes = classes_of(verb)
    known = classes & GODAN or classes
    return (verb, known) if known else None
