import { createContext, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import { useClient } from "urql";
import { useSession } from "../app/session";
import { openReviewQueue, type QueueState, type ReviewQueue } from "./queue";
import { noteConfirmed } from "./savedAnswers";

const QueueContext = createContext<ReviewQueue | null>(null);

/** Sends what is left of earlier visits, whatever screen is open. */
export function ReviewQueueProvider({ children }: { children: ReactNode }) {
  const client = useClient();
  const { user } = useSession();
  const [queue, setQueue] = useState<ReviewQueue | null>(null);
  useEffect(() => {
    if (user === null) return setQueue(null);
    const opened = openReviewQueue(client, user.name);
    opened.onSent((report) => noteConfirmed(user.name, report));
    setQueue(opened);
    return () => opened.close();
  }, [client, user]);
  return <QueueContext value={queue}>{children}</QueueContext>;
}

/** null for a visitor who is signed out. */
export const useReviewQueue = (): ReviewQueue | null => useContext(QueueContext);

const NOTHING: QueueState = { pending: [], error: null };
const unsubscribe = () => undefined;

export function useQueueState(queue: ReviewQueue | null): QueueState {
  return useSyncExternalStore(queue?.subscribe ?? (() => unsubscribe), queue?.getState ?? (() => NOTHING));
}
