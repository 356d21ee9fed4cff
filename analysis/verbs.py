"""The verbs that learners look up, where Sudachi has another dictionary form."""

from domain.inflection import WordClass

_GODAN = int(WordClass.GODAN | WordClass.GODAN_IKU)
_ICHIDAN = int(WordClass.ICHIDAN)
# The kana of the う-row by that of the え-row, for potential verbs: 書ける is a form of 書く.
_GODAN_ENDINGS = dict(zip("えけげせてねべめれ", "うくぐすつぬぶむる", strict=True))
# Godan verbs whose stem ends like that of ichidan verbs.
_GODAN_LIKE_ICHIDAN = frozenset(
    ("入る", "帰る", "返る", "走る", "滑る", "参る", "握る", "蹴る", "散る", "遮る", "喋る", "しゃべる")
)
_ENDS_OF_ICHIDAN_STEMS = frozenset("イキギシジチヂニヒビミリエケゲセゼテデネヘベメレ")


def verb_of(surface: str, dictionary_form: str, normalized_form: str, reading: str) -> tuple[str, int] | None:
    """Return a verb with its classes; None if it is the dictionary form. `reading`: of the surface, in katakana."""
    if not dictionary_form.endswith("る"):
        return None
    if dictionary_form[-2:] == "ずる" and surface[len(dictionary_form) - 2 :][:1] == "じ":
        # 感じない is a form of 感じる. Sudachi takes it for one of the older 感ずる.
        return f"{dictionary_form[:-2]}じる", _ICHIDAN
    godan = _godan_verb(dictionary_form, normalized_form, reading)
    return None if godan is None else (godan, _GODAN)


def _godan_verb(dictionary_form: str, normalized_form: str, reading: str) -> str | None:
    """Return the verb of which the dictionary form is the potential: 書く for 書ける."""
    ending = _GODAN_ENDINGS.get(dictionary_form[-2:-1])
    if ending is None or normalized_form[-1:] != ending:
        return None
    verb = dictionary_form[:-2] + ending
    if ending == "る":
        # 切れる is a verb of its own in Sudachi's dictionary, and 見れる is the potential of an ichidan verb.
        is_own = normalized_form[-2:-1] == "れ"
        is_ichidan = reading[: reading.rfind("レ")][-1:] in _ENDS_OF_ICHIDAN_STEMS and verb not in _GODAN_LIKE_ICHIDAN
        return None if is_own or is_ichidan else verb
    return verb
