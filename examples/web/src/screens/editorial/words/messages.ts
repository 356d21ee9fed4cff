import { defineMessages } from "../../../i18n/messages";

export const messages = defineMessages(
  {
    word: "Word in Japanese, romaji or English",
    results: "Words and kanji",
    noResult: "No word and no kanji is found.",
    corrections: "Corrections",
    noCorrections: "No word, sentence or kanji is corrected.",
    kinds: { VOCABULARY: "Word", SENTENCE: "Sentence", KANJI: "Kanji" },
    states: { ACTIVE: "Active", OBSOLETE: "Obsolete", REVERTED: "Reverted" },
    source: "Source",
    revert: "Revert",
    revertQuestion: "Use the values of the release again?",
  },
  {
    word: "単語（日本語・ローマ字・英語）",
    results: "単語と漢字",
    noResult: "見つかりません。",
    corrections: "訂正",
    noCorrections: "訂正はありません。",
    kinds: { VOCABULARY: "単語", SENTENCE: "例文", KANJI: "漢字" },
    states: { ACTIVE: "有効", OBSOLETE: "不要", REVERTED: "取り消し済み" },
    source: "出典",
    revert: "取り消す",
    revertQuestion: "元の辞書の値に戻しますか。",
  },
);
