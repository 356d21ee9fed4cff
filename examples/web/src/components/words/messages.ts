import { defineMessages } from "../../i18n/messages";

export const messages = defineMessages(
  {
    states: { known: "known word", learning: "word with a card", unknown: "word without a card" },
    addCard: "Make a card",
    addCardOf: (word: string) => `Make a card of ${word}`,
    hasCard: "In your cards",
    known: "You know this word",
    inflections: "Inflection",
    senses: "Meanings",
    forms: "Other forms",
    rare: "rare",
    onlyOf: (forms: string) => `only ${forms}`,
  },
  {
    states: { known: "知っている単語", learning: "カードのある単語", unknown: "カードのない単語" },
    addCard: "カードを作る",
    addCardOf: (word: string) => `${word}のカードを作る`,
    hasCard: "カードがあります",
    known: "知っている単語です",
    inflections: "活用",
    senses: "意味",
    forms: "ほかの表記",
    rare: "まれ",
    onlyOf: (forms: string) => `${forms}のみ`,
  },
);
