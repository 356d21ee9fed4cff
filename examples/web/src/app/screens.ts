// All screens, by path. Each is a chunk of its own, which is loaded when it is opened first.
import type { ComponentType } from "react";
import type { Part } from "../components/currentLink";
import type { RoleOfViewer } from "./useViewer";

export interface Screen {
  path: string;
  load: () => Promise<{ default: ComponentType }>;
  /** None for screens that others link to. */
  link?: NavigationLink;
}

export interface NavigationLink extends Omit<Part, "path"> {
  label: "home" | "library" | "dictionary" | "review" | "textbooks" | "statistics" | "settings" | "editorial" | "admin";
  /** Which users see the link; null: visitors, too. */
  role: RoleOfViewer | null;
}

export const screens: readonly Screen[] = [
  { path: "/", load: () => import("../screens/home/Home"), link: { label: "home", role: null } },
  { path: "/library", load: () => import("../screens/library/Library"), link: { label: "library", role: null, others: ["/books"] } },
  { path: "/books/:id", load: () => import("../screens/book/Book") },
  { path: "/books/:id/:page", load: () => import("../screens/reader/Reader") },
  { path: "/dictionary", load: () => import("../screens/dictionary/Dictionary"), link: { label: "dictionary", role: null } },
  { path: "/dictionary/kanji", load: () => import("../screens/dictionary/kanji/Kanji") },
  { path: "/review", load: () => import("../screens/review/Review"), link: { label: "review", role: "LEARNER" } },
  { path: "/textbooks", load: () => import("../screens/textbooks/Textbooks"), link: { label: "textbooks", role: null } },
  { path: "/textbooks/generate", load: () => import("../screens/textbooks/Generate") },
  { path: "/textbooks/:id", load: () => import("../screens/textbooks/Textbook") },
  { path: "/textbooks/:id/:chapterId", load: () => import("../screens/textbooks/Chapter") },
  { path: "/statistics", load: () => import("../screens/statistics/Statistics"), link: { label: "statistics", role: "LEARNER" } },
  { path: "/settings", load: () => import("../screens/settings/Settings"), link: { label: "settings", role: "LEARNER" } },
  { path: "/settings/import", load: () => import("../screens/settings/import/Imports") },
  { path: "/settings/import/:id", load: () => import("../screens/settings/import/Import") },
  { path: "/settings/data", load: () => import("../screens/settings/data/Data") },
  { path: "/editorial", load: () => import("../screens/editorial/books/Books"), link: { label: "editorial", role: "EDITOR" } },
  { path: "/editorial/books/:id", load: () => import("../screens/editorial/book/Book") },
  { path: "/editorial/words", load: () => import("../screens/editorial/words/Words") },
  { path: "/editorial/words/:id", load: () => import("../screens/editorial/word/Word") },
  { path: "/editorial/kanji/:id", load: () => import("../screens/editorial/kanji/Kanji") },
  { path: "/editorial/reports", load: () => import("../screens/editorial/reports/Reports") },
  { path: "/editorial/trash", load: () => import("../screens/editorial/trash/Trash") },
  { path: "/admin", load: () => import("../screens/admin/overview/Overview"), link: { label: "admin", role: "ADMIN" } },
  { path: "/admin/users", load: () => import("../screens/admin/users/Users") },
  { path: "/admin/users/:id", load: () => import("../screens/admin/user/User") },
  { path: "/admin/jobs", load: () => import("../screens/admin/jobs/Jobs") },
  { path: "/admin/schedules", load: () => import("../screens/admin/schedules/Schedules") },
  { path: "/admin/webhooks", load: () => import("../screens/admin/webhooks/Webhooks") },
  { path: "/admin/audit", load: () => import("../screens/admin/audit/Audit") },
  { path: "/admin/operations", load: () => import("../screens/admin/operations/Operations") },
  { path: "/admin/errors", load: () => import("../screens/admin/errors/Errors") },
  { path: "/admin/usage", load: () => import("../screens/admin/usage/Usage") },
  { path: "/admin/analytics", load: () => import("../screens/admin/analytics/Analytics") },
];
