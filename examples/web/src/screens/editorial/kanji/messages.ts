import { defineMessages } from "../../../i18n/messages";

export const messages = defineMessages(
  {
    notFound: "There is no such kanji.",
    fields: {
      meanings: "Meanings in English, one a line",
      onyomi: "On readings in katakana, one a line",
      kunyomi: "Kun readings in hiragana, one a line, with a dot before okurigana",
      nanori: "Readings in names, one a line",
    },
    correct: "Correct the kanji",
  },
  {
    notFound: "この漢字はありません。",
    fields: {
      meanings: "英語の意味（1行に1つ）",
      onyomi: "音読み（カタカナ、1行に1つ）",
      kunyomi: "訓読み（ひらがな、1行に1つ、送り仮名の前に点）",
      nanori: "名乗り（1行に1つ）",
    },
    correct: "漢字を訂正",
  },
);
