"""Readings with typing errors."""

from domain.search.kana import VOICED

# The kana that differ by voicing only.
_VOICING = {chr(plain): chr(voiced) for plain, voiced in VOICED.items()}
_VOICING |= {voiced: plain for plain, voiced in _VOICING.items()}
for _plain, _voiced, _semivoiced in zip("はひふへほ", "ばびぶべぼ", "ぱぴぷぺぽ", strict=True):
    _VOICING |= {_plain: _voiced + _semivoiced, _voiced: _plain + _semivoiced, _semivoiced: _plain + _voiced}


def typos(kana: str) -> list[str]:
    """Return the readings that a reading may be a typo of: one kana too many, too few, transposed or voiced wrongly."""
    if not 3 <= len(kana) <= 12:
        return []
    found: dict[str, None] = {}
    for index, character in enumerate(kana):
        before, after = kana[:index], kana[index + 1 :]
        found[before + after] = None
        for voiced in _VOICING.get(character, ""):
            found[before + voiced + after] = None
        if after:
            found[before + after[0] + character + after[1:]] = None
        if index:
            for missing in "っうんーい":
                found[before + missing + character + after] = None
    found[kana + "う"] = found[kana + "ん"] = None
    found.pop(kana, None)
    return list(found)
