import { defineMessages } from "../../../i18n/messages";

export const messages = defineMessages(
  {
    type: "Deleted",
    types: { BOOK: "Books", TEXTBOOK: "Textbooks", CHAPTER: "Chapters" },
    none: "Nothing can be restored.",
    restore: "Restore",
    times: (deleted: string, purged: string) => `Deleted ${deleted}; can be restored until ${purged}`,
  },
  {
    type: "削除した項目",
    types: { BOOK: "本", TEXTBOOK: "教科書", CHAPTER: "章" },
    none: "復元できるものはありません。",
    restore: "復元",
    times: (deleted: string, purged: string) => `${deleted}に削除、${purged}まで復元できます`,
  },
);
