import { useState } from "react";

export const FURIGANA = ["all", "unknown", "off"] as const;
export type Furigana = (typeof FURIGANA)[number];

const KEY = "shinjp:furigana";

/** Above which words the reader wants readings. */
export function useFurigana(): [Furigana, (choice: Furigana) => void] {
  const [choice, setChoice] = useState<Furigana>(
    () => FURIGANA.find((name) => name === localStorage.getItem(KEY)) ?? "unknown",
  );
  return [
    choice,
    (next) => {
      localStorage.setItem(KEY, next);
      setChoice(next);
    },
  ];
}
