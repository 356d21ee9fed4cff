import { graphql } from "../../../graphql/generated";
import type { CorrectVocabularyInput, EditorialWordFragment, JlptLevel } from "../../../graphql/generated/graphql";

export const WORD_DATA = graphql(`
  fragment EditorialWord on Vocabulary {
    id
    word
    reading
    jlptLevel
    forms {
      text
      kind
      isCommon
      tags
    }
    senses {
      glosses
      partsOfSpeech
      fields
      misc
      dialects
      note
      forms
    }
    corrections {
      id
      kind
      state
      version
    }
  }
`);

export type Form = Omit<EditorialWordFragment["forms"][number], "__typename">;
export type Sense = Omit<EditorialWordFragment["senses"][number], "__typename">;

export interface WordValues {
  word: string;
  reading: string;
  jlptLevel: JlptLevel | null;
  forms: Form[];
  senses: Sense[];
}

export const readValues = ({ word, reading, jlptLevel, forms, senses }: EditorialWordFragment): WordValues => ({
  word,
  reading,
  jlptLevel: jlptLevel ?? null,
  forms: forms.map(({ text, kind, isCommon, tags }) => ({ text, kind, isCommon, tags })),
  senses: senses.map(({ __typename, ...sense }) => sense),
});

/** The version of the correction that a change adds to; 0 if there is none. */
export const versionOf = ({ corrections }: EditorialWordFragment): number =>
  corrections?.find(({ kind, state }) => kind === "VOCABULARY" && state === "ACTIVE")?.version ?? 0;

/** The values that differ from those that the editor has read. */
export function changesOf(base: WordValues, values: WordValues): Partial<CorrectVocabularyInput> {
  const changed = Object.entries(values).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(base[name as keyof WordValues]),
  );
  return Object.fromEntries(changed) as Partial<CorrectVocabularyInput>;
}
