"""How much a word is used, on a scale of 0 to 100 that lists and searches order by."""

from domain.enums import JlptLevel

# The words of a level have ten values: N1 from 50 on, N5 from 90 on.
LOWEST_OF_LEVEL = {
    JlptLevel.N5: 90,
    JlptLevel.N4: 80,
    JlptLevel.N3: 70,
    JlptLevel.N2: 60,
    JlptLevel.N1: 50,
}
# Those of words in no list: rare ones, others, those in word lists of newspapers, and common ones.
RARE, USUAL, KNOWN, COMMON = 0, 5, 10, 20


def change_level(popularity: int, before: JlptLevel | None, after: JlptLevel | None, *, is_common: bool) -> int:
    """Return the popularity of a word whose level is corrected, with about the same frequency in tenths."""
    if before is not None:
        tenths = popularity - LOWEST_OF_LEVEL[before]
    elif popularity >= COMMON:
        tenths = (popularity - COMMON) * 10 // 29
    else:
        tenths = popularity - KNOWN
    tenths = min(max(tenths, 0), 9)
    if after is not None:
        return LOWEST_OF_LEVEL[after] + tenths
    if is_common:
        return COMMON + 29 * tenths // 10
    return KNOWN + tenths if tenths else USUAL
