// The session of the server, and which of its cards were answered since it was loaded.
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useClient, useQuery, useSubscription, type CombinedError } from "urql";
import { useSession } from "../../app/session";
import { useOnline } from "../../app/useOnline";
import { readFragment } from "../../graphql/generated";
import { useReviewQueue } from "../../reviewQueue/ReviewQueueProvider";
import { SESSION, STUDY, STUDY_CHANGED } from "./operations";
import type { SavedAnswers } from "./order";
import { readSession, storeSession } from "./storedSession";

const SESSION_SIZE = 50;
export const VARIABLES = { first: SESSION_SIZE };

export function useLoadedSession() {
  const client = useClient();
  const queue = useReviewQueue();
  const user = useSession().user?.name;
  const isOnline = useOnline();
  const [{ data: loaded, error, fetching, stale }, retry] = useQuery({ query: STUDY, variables: VARIABLES });
  // Before the request of the session that is displayed.
  const loadedAt = useRef(Date.now());
  const [stored] = useState(() => (user === undefined ? null : readSession(user)));
  const isStored = !loaded && error?.networkError !== undefined && stored !== null;
  const data = isStored ? stored.data : loaded;
  const [saved, setSaved] = useState<SavedAnswers>(new Map());
  const [isLoading, setLoading] = useState(false);
  const [loadError, setLoadError] = useState<CombinedError | null>(null);
  const savedNow = useRef(saved);
  savedNow.current = saved;
  // To notice answers on other devices and in other tabs.
  const reviewsToday = useRef<number | null>(null);
  const viewer = readFragment(SESSION, data?.viewer ?? null);

  const load = useCallback(async () => {
    setLoading(true);
    const startedAt = Date.now();
    const before = savedNow.current;
    const loaded = await client.query(STUDY, VARIABLES, { requestPolicy: "network-only" }).toPromise();
    const count = readFragment(SESSION, loaded.data?.viewer ?? null)?.dashboard?.reviewsToday;
    if (count !== undefined) reviewsToday.current = count;
    // Answers during the request may not be in its result.
    if (!loaded.error) loadedAt.current = startedAt;
    if (!loaded.error) setSaved((now) => new Map([...now].filter(([card, at]) => before.get(card) !== at || !before.has(card))));
    setLoadError(loaded.error ?? null);
    setLoading(false);
  }, [client]);

  const forget = useCallback((card: string) => setSaved((now) => new Map([...now].filter(([id]) => id !== card))), []);

  useLayoutEffect(() => {
    if (isStored) setSaved((now) => new Map([...stored.saved, ...now]));
  }, [isStored, stored]);

  useEffect(() => {
    if (user !== undefined && loaded?.viewer && !fetching && !stale && !error) storeSession(user, loaded, loadedAt.current);
  }, [user, loaded, fetching, stale, error]);

  // Another attempt to load.
  useEffect(() => {
    if (isOnline) setLoadError(null);
  }, [isOnline]);

  const count = viewer?.dashboard?.reviewsToday;
  useEffect(() => {
    if (count !== undefined && !fetching && !stale) reviewsToday.current ??= count;
  }, [count, fetching, stale]);

  useEffect(() => {
    if (queue === null) return;
    const stopReports = queue.onSent(({ saved: results, reviewsToday: after, change }) => {
      const answers = results.flatMap(({ key, cardId, review }) => (review && !queue.isUndone(key) ? [[cardId, Date.parse(review.reviewedAt)] as const] : []));
      setSaved((now) => new Map([...now, ...answers]));
      setLoadError(null);
      const isElsewhere = reviewsToday.current !== null && after !== null && after !== reviewsToday.current + change;
      if (after !== null) reviewsToday.current = after;
      if (isElsewhere) void load();
    });
    const stopOtherTab = queue.onSentByOtherTab(({ cardId }) => setSaved((now) => new Map([...now, [cardId, null]])));
    return () => {
      stopReports();
      stopOtherTab();
    };
  }, [queue, load]);

  useSubscription({ query: STUDY_CHANGED, pause: !viewer }, (_, changed) => {
    const after = changed.dashboardUpdated.reviewsToday;
    const isElsewhere = reviewsToday.current !== null && after !== reviewsToday.current && !queue?.isSending();
    if (isElsewhere) {
      reviewsToday.current = after;
      void load();
    }
    return changed;
  });

  return { isSignedOut: data !== undefined && !data.viewer, isStored, viewer, error, retry, saved, forget, load, isLoading, loadError };
}
