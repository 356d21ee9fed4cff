import { useEffect } from "react";

/** Calls the functions when the reader presses the left or right arrow key, except where these move a cursor. */
export function usePageKeys(onLeft: (() => void) | undefined, onRight: (() => void) | undefined) {
  useEffect(() => {
    function handle(event: KeyboardEvent) {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (event.target instanceof Element && event.target.closest("input, select, textarea")) return;
      if (event.key === "ArrowLeft") onLeft?.();
      if (event.key === "ArrowRight") onRight?.();
    }
    window.addEventListener("keydown", handle);
    return () => window.removeEventListener("keydown", handle);
  }, [onLeft, onRight]);
}
