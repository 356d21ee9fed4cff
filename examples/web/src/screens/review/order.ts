// The cards to show next: those of the session, without those that were answered since it was loaded, and with those
// whose next learning step is near.
import type { StudyCardFragment } from "../../graphql/generated/graphql";
import type { QueuedReview } from "../../reviewQueue/storage";

const LEARN_AHEAD_MS = 20 * 60_000;

/** When the server saved the newest answers since the session was loaded, by card; null if another tab knows it. */
export type SavedAnswers = ReadonlyMap<string, number | null>;

export interface ShownCard {
  card: StudyCardFragment;
  /** Whether its schedule is that of the server, so that its next intervals are known. */
  isCurrent: boolean;
}

/** `pending`: answers that the server has not confirmed, oldest first. */
export function orderCards(cards: readonly StudyCardFragment[], pending: readonly QueuedReview[], saved: SavedAnswers, now: number): ShownCard[] {
  const newest = new Map(pending.map((review) => [review.cardId, review]));
  const session: ShownCard[] = [];
  const steps: { shown: ShownCard; dueAt: number }[] = [];
  for (const card of cards) {
    const answer = newest.get(card.id);
    const savedAt = saved.get(card.id);
    if (answer) {
      // The preview tells the time of the next step, and not the intervals after it.
      steps.push({ shown: { card, isCurrent: false }, dueAt: Date.parse(answer.dueAt) });
    } else if (savedAt === undefined) {
      session.push({ card, isCurrent: true });
    } else if (savedAt !== null && isInSteps(card) && Date.parse(card.lastReviewedAt ?? "") >= savedAt) {
      steps.push({ shown: { card, isCurrent: true }, dueAt: Date.parse(card.dueAt) });
    }
  }
  const near = steps.filter(({ dueAt }) => dueAt <= now + LEARN_AHEAD_MS).sort((one, other) => one.dueAt - other.dueAt);
  const due = near.filter(({ dueAt }) => dueAt <= now);
  const later = near.filter(({ dueAt }) => dueAt > now);
  return [...due.map(({ shown }) => shown), ...session, ...later.map(({ shown }) => shown)];
}

const isInSteps = ({ dueDay, state }: StudyCardFragment): boolean => !dueDay && state !== "NEW";
