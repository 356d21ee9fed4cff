import { graphql } from "../../graphql/generated";
import type { WordCardFragment } from "../../graphql/generated/graphql";

// By the word and not by the token, so that all its occurrences follow when its card is made.
export const WORD_CARD = graphql(`
  fragment WordCard on Vocabulary {
    id
    card {
      id
      intervalDays
    }
  }
`);

export type WordState = "known" | "learning" | "unknown";

// As in the coverage of books.
const KNOWN_AFTER_DAYS = 21;

/** What the viewer knows of a word, by its card. */
export function wordState({ card }: WordCardFragment): WordState {
  if (!card) return "unknown";
  return card.intervalDays >= KNOWN_AFTER_DAYS ? "known" : "learning";
}
