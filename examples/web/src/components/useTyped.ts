import { useEffect, useRef, useState } from "react";

/** The text of a field whose value changes once typing pauses, and which follows the value when something else changes it. */
export function useTyped(value: string, onChange: (value: string) => void, delay = 250) {
  const [typed, setTyped] = useState(value);
  // What the field reported, or followed.
  const known = useRef(value);
  useEffect(() => {
    if (value === known.current) return;
    known.current = value;
    setTyped(value);
  }, [value]);
  useEffect(() => {
    const text = typed.trim();
    if (text === known.current) return;
    const timer = setTimeout(() => {
      known.current = text;
      onChange(text);
    }, delay);
    return () => clearTimeout(timer);
  }, [typed]);
  return [typed, setTyped] as const;
}
