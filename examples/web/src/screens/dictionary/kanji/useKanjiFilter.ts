import { useMemo } from "react";
import { LEVELS } from "../../../components/levels";
import { oneOf, useAddressFilter } from "../../../components/useAddressFilter";
import type { KanjiFilter } from "../../../graphql/generated/graphql";

export const MAX_STROKES = 34;

/** A number of strokes, or undefined. */
function strokes(value: string | null): number | undefined {
  const number = Math.trunc(Number(value));
  return number >= 1 && number <= MAX_STROKES ? number : undefined;
}

export function useKanjiFilter() {
  const { parameters, choose } = useAddressFilter<"reading" | "meaning" | "component" | "min" | "max" | "level">();
  const reading = parameters.get("reading")?.trim() ?? "";
  const meaning = parameters.get("meaning")?.trim() ?? "";
  // A component is one character.
  const [component = ""] = parameters.get("component")?.trim() ?? "";
  const min = strokes(parameters.get("min"));
  const max = strokes(parameters.get("max"));
  const level = oneOf(LEVELS, parameters.get("level"));
  const filter = useMemo<KanjiFilter>(
    () => ({
      reading: reading || undefined,
      meaning: meaning || undefined,
      component: component || undefined,
      minStrokeCount: min,
      maxStrokeCount: max,
      jlptLevels: level && [level],
    }),
    [reading, meaning, component, min, max, level],
  );
  return { values: { reading, meaning, component, min, max, level }, filter, choose };
}
