// Which cards were answered since a study session was loaded: a session that is opened without a network must not ask for
// them again.
import type { Report } from "./send";

const keyOf = (user: string) => `shinjp:answered:${encodeURIComponent(user)}`;

/** Times of confirmations by card, in milliseconds. */
type Confirmations = Record<string, number>;

const read = (user: string): Confirmations => JSON.parse(localStorage.getItem(keyOf(user)) ?? "{}") as Confirmations;

/** Notes the cards whose answers the server has confirmed. */
export function noteConfirmed(user: string, { saved }: Report) {
  const now = Date.now();
  const confirmed = saved.flatMap(({ cardId, review }) => (review ? [[cardId, now] as const] : []));
  if (confirmed.length > 0) localStorage.setItem(keyOf(user), JSON.stringify({ ...read(user), ...Object.fromEntries(confirmed) }));
}

export const confirmedSince = (user: string, time: number): string[] =>
  Object.entries(read(user)).flatMap(([card, at]) => (at >= time ? [card] : []));

export function forgetConfirmedBefore(user: string, time: number) {
  const kept = Object.entries(read(user)).filter(([, at]) => at >= time);
  localStorage.setItem(keyOf(user), JSON.stringify(Object.fromEntries(kept)));
}
