import { defineMessages } from "../../../i18n/messages";

export const messages = defineMessages(
  {
    deprecated: "Uses of deprecated parts in 30 days",
    ofPart: "Uses of a part in 30 days",
    coordinate: "Field, argument, input field, enum value or type",
    find: "Find",
    part: "Part",
    client: "Client",
    version: "Version",
    count: "Uses",
    last: "Last use",
    sunset: "Removal",
    reason: "Replacement",
  },
  {
    deprecated: "非推奨の部分の利用（30日間）",
    ofPart: "スキーマの部分の利用（30日間）",
    coordinate: "フィールド・引数・入力・列挙値・型",
    find: "検索",
    part: "部分",
    client: "クライアント",
    version: "バージョン",
    count: "利用回数",
    last: "最終利用",
    sunset: "廃止日",
    reason: "代替",
  },
);
