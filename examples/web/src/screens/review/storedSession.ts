// The last study session that the server sent, for a page that is opened without a network.
import type { StudyQuery } from "../../graphql/generated/graphql";
import { hashOf } from "../../graphql/trustedDocuments";
import { confirmedSince, forgetConfirmedBefore } from "../../reviewQueue/savedAnswers";
import { STUDY } from "./operations";
import type { SavedAnswers } from "./order";

interface StoredSession {
  /** Another build may request other fields. */
  document: string | undefined;
  loadedAt: number;
  data: StudyQuery;
}

const keyOf = (user: string) => `shinjp:session:${encodeURIComponent(user)}`;

/** `loadedAt`: before the request, in milliseconds. */
export function storeSession(user: string, data: StudyQuery, loadedAt: number) {
  forgetConfirmedBefore(user, loadedAt);
  localStorage.setItem(keyOf(user), JSON.stringify({ document: hashOf(STUDY), loadedAt, data } satisfies StoredSession));
}

export function readSession(user: string): { data: StudyQuery; saved: SavedAnswers } | null {
  const stored = JSON.parse(localStorage.getItem(keyOf(user)) ?? "null") as StoredSession | null;
  if (stored === null || stored.document !== hashOf(STUDY)) return null;
  return { data: stored.data, saved: new Map(confirmedSince(user, stored.loadedAt).map((card) => [card, null])) };
}
