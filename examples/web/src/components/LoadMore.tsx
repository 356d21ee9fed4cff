import { useEffect, useRef } from "react";
import { useMessages } from "../i18n/messages";
import { messages } from "./messages";

/** Loads the next page of a list when the reader comes to its end; the button is for keyboards. */
export function LoadMore({ pageInfo, loading, onLoad }: {
  pageInfo: { hasNextPage: boolean; endCursor?: string | null };
  loading: boolean;
  onLoad: (after: string) => void;
}) {
  const text = useMessages(messages);
  const button = useRef<HTMLButtonElement>(null);
  const { hasNextPage, endCursor } = pageInfo;
  const ready = hasNextPage && typeof endCursor === "string" && !loading;
  useEffect(() => {
    if (!ready || button.current === null) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) onLoad(endCursor);
    });
    observer.observe(button.current);
    return () => observer.disconnect();
  }, [ready, endCursor, onLoad]);
  if (!hasNextPage) return null;
  return (
    // The attribute `disabled` would take the focus away while the page is loaded.
    <button ref={button} aria-disabled={!ready} onClick={() => ready && onLoad(endCursor)}>
      {loading ? text.loading : text.more}
    </button>
  );
}
