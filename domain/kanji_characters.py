"""Which characters are kanji, and the usual forms of radicals."""

import re

# For classes of regular expressions: extension A, the unified and compatible ideographs, and the supplementary planes.
KANJI_RANGES = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

KANJI = re.compile(f"[{KANJI_RANGES}]")

# Forms of radicals as Unicode's supplement has them, with the characters that input methods type.
_RADICALS = """
⺄乙 ⺅亻 ⺉刂 ⺌小 ⺍ツ ⺕彐 ⺖忄 ⺗心 ⺘扌 ⺙攵 ⺡氵 ⺢氺 ⺣灬 ⺤爫
⺦丬 ⺨犭 ⺩王 ⺫罒 ⺭礻 ⺮竹 ⺶羊 ⺷羊 ⺹耂 ⺼月 ⺾艹 ⺿艹 ⻀艹 ⻂衤
⻊足 ⻌辶 ⻍辶 ⻎辶 ⻏阝 ⻖阝 ⻗雨 ⻞飠 ⻟飠 ⻤鬼 ⼾戸 ⾭青
"""
RADICAL_FORMS = {pair[0]: pair[1] for pair in _RADICALS.split()}
