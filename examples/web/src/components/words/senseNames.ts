import type { WordEntryFragment } from "../../graphql/generated/graphql";
import { useFormat } from "../../i18n/format";
import { useLabels } from "./labels";
import { usePartsOfSpeech } from "./partsOfSpeech";

type Sense = Pick<WordEntryFragment["senses"][number], "partsOfSpeech" | "fields" | "misc" | "dialects">;

/** What a dictionary says about a meaning besides its translations, in the language of the interface. */
export function useSenseNames() {
  const format = useFormat();
  const nameOf = usePartsOfSpeech();
  const names = useLabels();
  return {
    partsOfSpeech: ({ partsOfSpeech }: Sense): string => format.list([...new Set(partsOfSpeech.map(nameOf))]),
    labels: ({ fields, misc, dialects }: Sense): string[] => [
      ...fields.map((field) => names.fields[field]),
      ...misc.map((label) => names.misc[label]),
      ...dialects.map((dialect) => names.dialects[dialect]),
    ],
  };
}
