// Answers that the server has not confirmed yet, in the browser's storage. Each is an item of its own, which one call
// writes or removes, so that tabs never overwrite each other's answers.

export interface QueuedReview {
  /** Idempotency key: however often the review is sent, it is saved once. */
  key: string;
  cardId: string;
  quality: number;
  reviewedAt: string;
  durationMs: number;
  /** When the card is due next, as its preview said. */
  dueAt: string;
  /** Whether it was sent: the server may have saved it although no response arrived. */
  wasSent: boolean;
  /** The id of the saved review, if a response has arrived. */
  reviewId: string | null;
}

type Kind = "review" | "undo";

export interface ReviewStorage {
  /** Reviews that are not confirmed, by their keys, oldest first. */
  reviews: ReadonlyMap<string, QueuedReview>;
  /** Undone reviews, by their keys. The review itself may be confirmed already. */
  undos: ReadonlyMap<string, QueuedReview>;
  save(kind: Kind, review: QueuedReview): void;
  /** Removes the review, and its undo if there is one. */
  forget(key: string): void;
  /** Removes the review only. */
  forgetReview(key: string): void;
  /** Reads again what other tabs may have written. */
  load(): void;
  close(): void;
}

/** `onOtherTab`: called after another tab wrote or removed something, with a review that it removed. */
export function openReviewStorage(user: string, onOtherTab: (removed: QueuedReview | null) => void): ReviewStorage {
  const known = { review: new Map<string, QueuedReview>(), undo: new Map<string, QueuedReview>() };
  const kinds = Object.keys(known) as Kind[];
  const prefix = (kind: Kind) => `shinjp:${kind}:${encodeURIComponent(user)}:`;

  function load() {
    for (const kind of kinds) {
      known[kind].clear();
      for (const review of readAll(prefix(kind))) known[kind].set(review.key, review);
    }
  }

  function forget(kind: Kind, key: string) {
    known[kind].delete(key);
    localStorage.removeItem(prefix(kind) + key);
  }

  function apply({ key: name, newValue }: StorageEvent) {
    const kind = kinds.find((kind) => name?.startsWith(prefix(kind)));
    if (kind === undefined || name === null) return;
    const key = name.slice(prefix(kind).length);
    const former = known[kind].get(key) ?? null;
    if (newValue === null) known[kind].delete(key);
    else known[kind].set(key, JSON.parse(newValue) as QueuedReview);
    onOtherTab(newValue === null && kind === "review" ? former : null);
  }

  load();
  window.addEventListener("storage", apply);
  return {
    reviews: known.review,
    undos: known.undo,
    save(kind, review) {
      // First, because it throws if the storage is full.
      localStorage.setItem(prefix(kind) + review.key, JSON.stringify(review));
      known[kind].set(review.key, review);
    },
    forget: (key) => kinds.forEach((kind) => forget(kind, key)),
    forgetReview: (key) => forget("review", key),
    load,
    close: () => window.removeEventListener("storage", apply),
  };
}

function readAll(prefix: string): QueuedReview[] {
  const names = Object.keys(localStorage).filter((name) => name.startsWith(prefix));
  const items = names.flatMap((name) => localStorage.getItem(name) ?? []);
  const reviews = items.map((item) => JSON.parse(item) as QueuedReview);
  return reviews.sort((one, other) => one.reviewedAt.localeCompare(other.reviewedAt));
}
