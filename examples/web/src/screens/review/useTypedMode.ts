import { useState } from "react";

const KEY = "shinjp:typed-answers";

/** Whether the learner types answers. */
export function useTypedMode(): [boolean, (isTyped: boolean) => void] {
  const [isTyped, setTyped] = useState(() => localStorage.getItem(KEY) === "true");
  return [
    isTyped,
    (isTyped) => {
      localStorage.setItem(KEY, String(isTyped));
      setTyped(isTyped);
    },
  ];
}
