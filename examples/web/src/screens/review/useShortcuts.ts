import { useEffect, useRef } from "react";

const FIELDS = "input:not([type=checkbox]), select, textarea";
// The space key presses these.
const PRESSED_BY_SPACE = "button, a, input, summary";

/** Calls a function when its key is pressed outside of fields and without modifiers. */
export function useShortcuts(shortcuts: Record<string, (() => void) | undefined>) {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) return;
      const target = event.target instanceof Element ? event.target : document.body;
      if (target.matches(FIELDS) || (event.key === " " && target.matches(PRESSED_BY_SPACE))) return;
      const action = latest.current[event.key];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}
