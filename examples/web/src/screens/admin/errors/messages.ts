import { defineMessages } from "../../../i18n/messages";

export const messages = defineMessages(
  {
    code: "Code",
    count: "Number",
    operation: "Operation or job",
    exception: "Exception",
    location: "Function",
    last: "Last",
    first: "First",
    request: "Last request",
  },
  {
    code: "コード",
    count: "件数",
    operation: "操作・ジョブ",
    exception: "例外",
    location: "関数",
    last: "最新",
    first: "最初",
    request: "最新のリクエスト",
  },
);
