import { defineMessages } from "../../../i18n/messages";

export const messages = defineMessages(
  {
    actorId: "Id of the user who did it",
    entityId: "Id of the object",
    find: "Find",
    time: "Time",
    action: "Action",
    object: "Object",
    actor: "By",
    system: "Command line",
    changes: "Changes",
    show: "Show",
    request: "Request",
  },
  {
    actorId: "操作したユーザーのID",
    entityId: "対象のID",
    find: "検索",
    time: "日時",
    action: "操作",
    object: "対象",
    actor: "操作者",
    system: "コマンドライン",
    changes: "変更内容",
    show: "表示",
    request: "リクエスト",
  },
);
