import { defineMessages } from "../../../i18n/messages";

export const messages = defineMessages(
  {
    search: "Name or email address",
    role: "Role",
    anyRole: "Any role",
    roles: { LEARNER: "Learner", EDITOR: "Editor", ADMIN: "Administrator" },
    blockedOnly: "Blocked only",
    blocked: "blocked",
    find: "Find",
    audited: "Each page and each user that you open is an entry of the audit log.",
    none: "There is no such user.",
    name: "Name",
    email: "Email address",
    lastActive: "Last active",
    signedUp: "Signed up",
  },
  {
    search: "名前・メールアドレス",
    role: "権限",
    anyRole: "すべて",
    roles: { LEARNER: "学習者", EDITOR: "編集者", ADMIN: "管理者" },
    blockedOnly: "停止中のみ",
    blocked: "停止中",
    find: "検索",
    audited: "表示した一覧とユーザーは監査ログに記録されます。",
    none: "該当するユーザーはいません。",
    name: "名前",
    email: "メールアドレス",
    lastActive: "最終利用",
    signedUp: "登録",
  },
);
