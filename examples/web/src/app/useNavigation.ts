import { useLayoutEffect, useRef, type RefObject } from "react";
import { useLocation } from "wouter";
import { pageTitle } from "./content";

// After a step back or forward, the browser restores the scroll position.
let isStepInHistory = false;
window.addEventListener("popstate", () => (isStepInHistory = true));
// An event of wouter.
window.addEventListener("pushState", () => (isStepInHistory = false));

/** Starts each screen at its top, as the browser does for a page: with the title and the focus. A screen may focus a field of its own. */
export function useNavigation(content: RefObject<HTMLElement | null>) {
  const [path] = useLocation();
  const former = useRef(path);
  useLayoutEffect(() => {
    if (former.current === path) return;
    former.current = path;
    document.title = pageTitle();
    if (!isStepInHistory) window.scrollTo({ top: 0 });
    if (document.activeElement?.matches("main input") !== true) content.current?.focus({ preventScroll: true });
  }, [path, content]);
}
