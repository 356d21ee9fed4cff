"""Text made comparable: one form for characters that readers consider equal."""

import re
import unicodedata

from domain.kanji_characters import KANJI_RANGES
from domain.search.kana import hiragana
from domain.text import without_accents

# Old forms of characters, which older texts and names have, and the forms used since 1946.
_OLD = (
    "亞惡壓圍醫爲壹隱榮營衞驛圓鹽應歐毆櫻假價畫會壞繪懷擴覺學嶽樂勸卷寬歡觀關陷巖顏歸氣龜僞戲犧舊據擧峽挾狹堯曉區驅勳薰徑惠溪經"
    "繼莖螢輕鷄藝擊缺儉劍圈檢權獻縣險顯驗嚴效廣恆鑛號國濟碎齋劑參慘棧蠶贊殘絲齒兒辭濕實舍釋壽收從澁獸縱肅處緖敍奬將燒稱證乘"
    "剩壤孃條淨疊穰讓釀囑觸寢愼晉眞盡圖粹醉隨髓樞數瀨聲靜齊攝竊專戰淺潛纖踐錢禪雙壯搜插爭總聰莊裝騷增藏臟屬續墮體對帶滯臺瀧擇"
    "澤單擔膽團彈斷癡晝蟲鑄廳聽敕鎭遞鐵點傳黨盜燈當鬭德獨讀屆繩貳惱腦霸廢拜賣麥發髮拔蠻祕濱甁拂佛竝變邊辯辨瓣舖寶襃豐沒飜槇萬滿"
    "默藥譯豫餘與譽搖樣謠來賴亂覽兩獵壘勵禮隸靈齡戀爐勞樓祿灣錄鍊歷曆步涉每"
)
_NEW = (
    "亜悪圧囲医為壱隠栄営衛駅円塩応欧殴桜仮価画会壊絵懐拡覚学岳楽勧巻寛歓観関陥巌顔帰気亀偽戯犠旧拠挙峡挟狭尭暁区駆勲薫径恵渓経"
    "継茎蛍軽鶏芸撃欠倹剣圏検権献県険顕験厳効広恒鉱号国済砕斎剤参惨桟蚕賛残糸歯児辞湿実舎釈寿収従渋獣縦粛処緒叙奨将焼称証乗"
    "剰壌嬢条浄畳穣譲醸嘱触寝慎晋真尽図粋酔随髄枢数瀬声静斉摂窃専戦浅潜繊践銭禅双壮捜挿争総聡荘装騒増蔵臓属続堕体対帯滞台滝択"
    "沢単担胆団弾断痴昼虫鋳庁聴勅鎮逓鉄点伝党盗灯当闘徳独読届縄弐悩脳覇廃拝売麦発髪抜蛮秘浜瓶払仏並変辺弁弁弁舗宝褒豊没翻槙万満"
    "黙薬訳予余与誉揺様謡来頼乱覧両猟塁励礼隷霊齢恋炉労楼禄湾録錬歴暦歩渉毎"
)
_FORMS = str.maketrans(_OLD, _NEW)
_PUNCTUATION = re.compile(
    r"[\s\u3000「」『』【】（）()\[\]{}〈〉《》“”„\"‘’'`´。、．，,.!?！？…‥:;：；·・~〜～|/\\<>=+&^%$#@_]+"
)
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]|[\U000e0100-\U000e01ef]")
_COUNTED_MONTHS = re.compile(
    r"(?<=[0-9一二三四五六七八九十百何数])[ゖゕけか箇個](?=[月国所条年])|^[ゖゕけか箇個](?=月$)"
)
_REPEATED = re.compile(f"([{KANJI_RANGES}])々")
_HIRAGANA = re.compile(r"[ぁ-ゖ]*")
_KANJI = re.compile(f"[{KANJI_RANGES}々]")


def fold(text: str) -> str:
    """Fold width, case, kana and whitespace: NFKC, lower case, katakana as hiragana, single spaces."""
    return " ".join(hiragana(unicodedata.normalize("NFKC", text).casefold()).split())


def plain(text: str) -> str:
    """Return lower case without accents and macrons: tōkyō becomes tokyo."""
    return without_accents(text.casefold())


def visible(text: str) -> str:
    """Remove characters that are not visible, such as variation selectors and bidirectional marks."""
    return _INVISIBLE.sub("", text)


def fold_japanese(text: str) -> str:
    """Fold a Japanese spelling: `fold`, modern forms of characters, か月 for every spelling of it; no punctuation."""
    if _HIRAGANA.fullmatch(text):
        return text
    folded = _PUNCTUATION.sub("", fold(visible(text)).translate(_FORMS))
    return _COUNTED_MONTHS.sub("か", _REPEATED.sub(r"\1\1", folded))


def has_kanji(text: str) -> bool:
    return _KANJI.search(text) is not None
