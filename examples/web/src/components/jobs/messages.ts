import { defineMessages } from "../../i18n/messages";

export const messages = defineMessages(
  {
    queued: "Waiting …",
    done: "Done.",
    cancel: "Cancel",
    cancelled: "Cancelled.",
    failed: (reason: string) => `Failed: ${reason}`,
    download: "Download",
    file: (kibibytes: string, until: string) => `${kibibytes} KiB, until ${until}`,
  },
  {
    queued: "待機中…",
    done: "完了しました。",
    cancel: "キャンセル",
    cancelled: "キャンセルされました。",
    failed: (reason: string) => `失敗しました：${reason}`,
    download: "ダウンロード",
    file: (kibibytes: string, until: string) => `${kibibytes} KiB、${until}まで`,
  },
);
