// Reviews are saved in the browser first, and sent when the server can be reached: nothing is lost when the network, the
// server or the page goes away, and nothing is saved twice, because a review keeps its idempotency key.
import { CombinedError, type Client } from "@urql/core";
import { createListeners } from "./listeners";
import { sendReviews, sendUndos, type Report, type SavedReview } from "./send";
import { openReviewStorage, type QueuedReview } from "./storage";

const MAX_BATCH = 100;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

export interface QueueState {
  /** Reviews that are not confirmed, without undone ones, oldest first. */
  pending: readonly QueuedReview[];
  /** Why the last request failed; null after a success. */
  error: CombinedError | null;
}

export interface ReviewQueue {
  getState(): QueueState;
  subscribe(listener: () => void): () => void;
  add(review: Omit<QueuedReview, "wasSent" | "reviewId">): void;
  undo(key: string): void;
  isUndone(key: string): boolean;
  isSending(): boolean;
  sendNow(): void;
  /** Calls the listener after each response. */
  onSent(listener: (report: Report) => void): () => void;
  /** Calls the listener when another tab has sent a review. */
  onSentByOtherTab(listener: (review: QueuedReview) => void): () => void;
  close(): void;
}

export function openReviewQueue(client: Client, user: string): ReviewQueue {
  const changes = createListeners<void>();
  const reports = createListeners<Report>();
  const sentByOtherTab = createListeners<QueuedReview>();
  const storage = openReviewStorage(user, (removed) => {
    update();
    if (removed) sentByOtherTab.notify(removed);
  });
  // Confirmed reviews of this page, to undo them by their ids.
  const confirmed = new Map<string, QueuedReview>();
  let state: QueueState = { pending: [], error: null };
  let sending = false;
  let closed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let retryMs = FIRST_RETRY_MS;

  const isEmpty = () => storage.reviews.size === 0 && storage.undos.size === 0;

  function update(error: CombinedError | null = state.error) {
    state = { pending: [...storage.reviews.values()].filter(({ key }) => !storage.undos.has(key)), error };
    changes.notify();
  }

  function schedule(delayMs: number) {
    clearTimeout(timer);
    if (!closed) timer = setTimeout(() => void sendAll(), delayMs);
  }

  async function sendAll() {
    if (sending || isEmpty()) return;
    sending = true;
    let error: CombinedError | null;
    try {
      // One tab at a time: an undo must not overtake its review.
      error = await navigator.locks.request(`shinjp:reviews:${user}`, sendUntilEmpty);
    } finally {
      sending = false;
    }
    update(error);
    if (error !== null) {
      schedule(retryMs);
      retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
    } else {
      retryMs = FIRST_RETRY_MS;
      if (!isEmpty()) schedule(0);
    }
  }

  async function sendUntilEmpty(): Promise<CombinedError | null> {
    storage.load();
    while (!closed && !isEmpty()) {
      const error = await sendNext();
      if (error !== null) return error;
    }
    return null;
  }

  /** Undos precede reviews: a card that is answered again was undone before. */
  async function sendNext(): Promise<CombinedError | null> {
    for (const { key } of storage.undos.values()) {
      const review = storage.reviews.get(key);
      if (review && !review.wasSent) storage.forget(key);
    }
    const undos = [...storage.undos.values()];
    const identified = undos.filter(({ reviewId }) => reviewId !== null).slice(0, MAX_BATCH);
    if (identified.length > 0) return apply(await sendUndos(client, identified), (report) => confirmUndos(identified, report));
    // The server saves a repeated review once, and returns its id.
    const batch = undos.length > 0 ? undos.slice(0, MAX_BATCH) : [...storage.reviews.values()].slice(0, MAX_BATCH);
    if (undos.length === 0) for (const review of batch) storage.save("review", { ...review, wasSent: true });
    if (batch.length === 0) return null;
    return apply(await sendReviews(client, batch), ({ saved }) => batch.forEach((review, index) => confirm(review, saved[index])));
  }

  function apply(report: Report | CombinedError, change: (report: Report) => void): CombinedError | null {
    if (report instanceof CombinedError) return report;
    change(report);
    update(null);
    reports.notify(report);
    return null;
  }

  function confirm(review: QueuedReview, saved: SavedReview | undefined) {
    const undo = storage.undos.get(review.key);
    if (!saved?.review) return storage.forget(review.key);
    const reviewId = saved.review.id;
    confirmed.set(review.key, { ...review, reviewId });
    storage.forgetReview(review.key);
    if (undo) storage.save("undo", { ...undo, reviewId });
  }

  function confirmUndos(undos: readonly QueuedReview[], { rejections }: Report) {
    const removed = rejections.length > 0 ? rejections : undos;
    for (const { key } of removed) storage.forget(key);
  }

  function add(kind: "review" | "undo", review: QueuedReview) {
    storage.save(kind, review);
    update();
    // After a failure, the next retry sends it.
    if (state.error === null) schedule(0);
  }

  const sendNow = () => schedule(0);
  window.addEventListener("online", sendNow);
  update();
  sendNow();

  return {
    getState: () => state,
    subscribe: changes.add,
    add: (review) => add("review", { ...review, wasSent: false, reviewId: null }),
    undo(key) {
      const review = storage.reviews.get(key) ?? confirmed.get(key);
      if (review) add("undo", review);
    },
    isUndone: (key) => storage.undos.has(key),
    isSending: () => sending,
    sendNow,
    onSent: reports.add,
    onSentByOtherTab: sentByOtherTab.add,
    close() {
      closed = true;
      clearTimeout(timer);
      storage.close();
      window.removeEventListener("online", sendNow);
    },
  };
}
