import { useCallback, useState } from "react";

/** The cursor after which a list is loaded, and its setter. `list`: names the list; another one starts at its first page. */
export function useCursor(list: string): [string | null, (after: string) => void] {
  const [cursor, setCursor] = useState<{ list: string; after: string } | null>(null);
  const load = useCallback((after: string) => setCursor({ list, after }), [list]);
  return [cursor?.list === list ? cursor.after : null, load];
}
