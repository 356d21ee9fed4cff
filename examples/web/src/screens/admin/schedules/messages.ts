import { defineMessages } from "../../../i18n/messages";

export const messages = defineMessages(
  {
    task: "Task",
    run: "Run now",
    requested: "Requested",
    interval: "Interval",
    result: "Last run",
    succeeded: "Succeeded",
    failed: "Failed",
    last: "Started",
    duration: "Duration",
    next: "Next run",
    error: "Error",
  },
  {
    task: "処理",
    run: "今すぐ実行",
    requested: "実行待ち",
    interval: "間隔",
    result: "前回の結果",
    succeeded: "成功",
    failed: "失敗",
    last: "開始",
    duration: "所要時間",
    next: "次回",
    error: "エラー",
  },
);
