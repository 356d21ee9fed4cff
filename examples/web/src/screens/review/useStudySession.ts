// A study session that continues without the network.
import { useEffect, useRef, useState } from "react";
import { readFragment } from "../../graphql/generated";
import type { StudyCardFragment } from "../../graphql/generated/graphql";
import { STUDY_CARD } from "../../reviewQueue/operations";
import { useQueueState, useReviewQueue } from "../../reviewQueue/ReviewQueueProvider";
import type { Quality } from "./grades";
import { orderCards } from "./order";
import { useLoadedSession } from "./useLoadedSession";

const FEW_CARDS = 3;
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export function useStudySession() {
  const queue = useReviewQueue();
  const { pending, error: sendError } = useQueueState(queue);
  const loaded = useLoadedSession();
  const { viewer, isStored, saved, load, isLoading, loadError } = loaded;
  const session = viewer?.studySession;
  // What this page answered, to undo it, and the cards whose answers were undone.
  const answers = useRef<{ key: string; card: StudyCardFragment }[]>([]);
  const [undone, setUndone] = useState<readonly StudyCardFragment[]>([]);
  // Counts questions: a card that is repeated is a new one.
  const [turn, setTurn] = useState(0);
  const currentId = useRef<string | null>(null);

  const cards = (session?.cards ?? []).map((card) => readFragment(STUDY_CARD, card));
  const others = cards.filter(({ id }) => !undone.some((card) => card.id === id));
  const shown = [...undone.map((card) => ({ card, isCurrent: true })), ...orderCards(others, pending, saved, Date.now())];
  // A learning step whose time comes does not replace the card that the learner looks at.
  const current = (undone.length > 0 ? undefined : shown.find(({ card }) => card.id === currentId.current)) ?? shown[0] ?? null;
  currentId.current = current?.card.id ?? null;

  const isElsewhere = [...saved.values()].includes(null);
  const isSettled = pending.length === 0 && !isLoading && loadError === null;
  const needsCards = isSettled && (isStored || isElsewhere || (shown.length <= FEW_CARDS && saved.size > 0));
  useEffect(() => {
    if (needsCards) void load();
  }, [needsCards, load]);

  const wakeAt = isSettled && shown.length === 0 ? (session?.nextDueAt ?? null) : null;
  useEffect(() => {
    if (wakeAt === null) return;
    const delay = Math.min(Math.max(Date.parse(wakeAt) - Date.now(), 1_000), MAX_TIMEOUT_MS);
    const timer = setTimeout(() => void load(), delay);
    return () => clearTimeout(timer);
  }, [wakeAt, load]);

  function grade(quality: Quality, durationMs: number) {
    if (current === null || queue === null) return;
    const { card } = current;
    const now = new Date();
    const preview = card.nextReviews.find((preview) => preview.quality === quality);
    const key = crypto.randomUUID();
    answers.current.push({ key, card });
    setUndone((cards) => cards.filter(({ id }) => id !== card.id));
    setTurn((turn) => turn + 1);
    currentId.current = null;
    queue.add({ key, cardId: card.id, quality, reviewedAt: now.toISOString(), durationMs, dueAt: preview?.dueAt ?? now.toISOString() });
  }

  function undo() {
    const answer = answers.current.pop();
    if (answer === undefined || queue === null) return;
    setTurn((turn) => turn + 1);
    queue.undo(answer.key);
    loaded.forget(answer.card.id);
    setUndone((cards) => [answer.card, ...cards.filter(({ id }) => id !== answer.card.id)]);
  }

  return { ...loaded, session, current, turn, canUndo: answers.current.length > 0, pending, sendError, grade, undo };
}
