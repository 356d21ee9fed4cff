import { defineMessages } from "../i18n/messages";

export const messages = defineMessages(
  {
    loading: "Loading …",
    retry: "Try again",
    more: "Show more",
    failed: "The request failed.",
    unreachable: "The server cannot be reached.",
    unauthenticated: "Sign in to see this.",
    limited: (seconds: number) => `Too many requests: try again in ${seconds} s.`,
    request: (id: string) => `Request ${id}`,
    level: "Level",
    cancel: "Cancel",
    requiredRole: {
      LEARNER: "This is for learners.",
      EDITOR: "This is for editors. Your account is not one.",
      ADMIN: "This is for administrators. Your account is not one.",
    },
    heatMap: (reviews: string) => `Reviews by day: ${reviews} in all`,
    table: "As a table",
    noData: "There is nothing yet.",
  },
  {
    loading: "読み込み中…",
    retry: "もう一度",
    more: "もっと見る",
    failed: "リクエストに失敗しました。",
    unreachable: "サーバーに接続できません。",
    unauthenticated: "ログインしてください。",
    limited: (seconds: number) => `リクエストが多すぎます。${seconds}秒後にもう一度お試しください。`,
    request: (id: string) => `リクエスト ${id}`,
    level: "レベル",
    cancel: "キャンセル",
    requiredRole: {
      LEARNER: "学習者用の画面です。",
      EDITOR: "編集者用の画面です。このアカウントには編集者の権限がありません。",
      ADMIN: "管理者用の画面です。このアカウントには管理者の権限がありません。",
    },
    heatMap: (reviews: string) => `日ごとの復習：合計${reviews}`,
    table: "表で見る",
    noData: "まだデータがありません。",
  },
);
