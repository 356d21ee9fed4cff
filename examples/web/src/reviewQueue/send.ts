// One request of the queue: a batch of reviews, or of undos.
import type { Client, CombinedError } from "@urql/core";
import { readFragment } from "../graphql/generated";
import type { StudyCardFragment } from "../graphql/generated/graphql";
import { REVIEW_CARDS, REVIEW_DAY, STUDY_CARD, UNDO_REVIEWS } from "./operations";
import type { QueuedReview } from "./storage";

export interface SavedReview {
  key: string;
  cardId: string;
  /** null if the server rejected it. */
  review: { id: string; reviewedAt: string } | null;
  card: StudyCardFragment | null;
  becameLeech: boolean;
}

export interface Report {
  /** One item for each review of the batch; none for undos. */
  saved: SavedReview[];
  rejections: { key: string; message: string }[];
  /** Number of reviews today after the batch. */
  reviewsToday: number | null;
  /** By how many the batch changed that number. */
  change: number;
}

export async function sendReviews(client: Client, reviews: readonly QueuedReview[]): Promise<Report | CombinedError> {
  const input = reviews.map(({ key, cardId, quality, reviewedAt, durationMs }) => ({
    idempotencyKey: key,
    cardId,
    quality,
    reviewedAt,
    durationMs,
  }));
  const { data, error } = await client.mutation(REVIEW_CARDS, { input: { reviews: input } }).toPromise();
  const payload = data?.reviewCards;
  if (error || !payload) return error!;
  const report: Report = {
    saved: [],
    rejections: [],
    reviewsToday: readFragment(REVIEW_DAY, payload.dashboard ?? null)?.reviewsToday ?? null,
    change: payload.results.filter(({ duplicate, review }) => !duplicate && review).length,
  };
  reviews.forEach(({ key, cardId }, index) => {
    const result = payload.results[index];
    const { review = null, becameLeech = false } = result ?? {};
    report.saved.push({ key, cardId, review: review ?? null, card: readFragment(STUDY_CARD, result?.card ?? null), becameLeech });
    const rejection = result?.error ?? payload.errors[0];
    if (!review && rejection) report.rejections.push({ key, message: rejection.message });
  });
  return report;
}

/** If one of the undos is rejected, nothing was undone. */
export async function sendUndos(client: Client, reviews: readonly QueuedReview[]): Promise<Report | CombinedError> {
  const reviewIds = reviews.flatMap(({ reviewId }) => (reviewId === null ? [] : [reviewId]));
  const { data, error } = await client.mutation(UNDO_REVIEWS, { input: { reviewIds } }).toPromise();
  const payload = data?.undoReviews;
  if (error || !payload) return error!;
  const rejections = payload.errors.flatMap(({ path, message }) => {
    const review = reviews[Number(path[1])];
    // An error that is not about one of them is about all.
    return (review ? [review] : reviews).map(({ key }) => ({ key, message }));
  });
  const change = rejections.length === 0 ? -reviews.length : 0;
  return { saved: [], rejections, reviewsToday: readFragment(REVIEW_DAY, payload.viewer?.dashboard ?? null)?.reviewsToday ?? null, change };
}
