"""Which characters are kanji."""

import re

# For classes of regular expressions: extension A, the unified and compatible ideographs, and the supplementary planes.
KANJI_RANGES = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

KANJI = re.compile(f"[{KANJI_RANGES}]")
