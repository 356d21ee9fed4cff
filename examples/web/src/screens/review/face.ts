import type { StudyCardFragment } from "../../graphql/generated/graphql";

/** What a card shows, whatever it is about. */
export interface Face {
  word: string;
  readings: readonly string[];
  meanings: readonly string[];
  examples: readonly { japanese: string; english: string }[];
}

export function faceOf({ subject }: StudyCardFragment): Face {
  switch (subject.__typename) {
    case "Vocabulary": {
      const { word, reading, meanings, examples } = subject;
      return { word, readings: reading === word ? [] : [reading], meanings, examples: examples.slice(0, 2) };
    }
    case "Kanji":
      return { word: subject.character, readings: [...subject.onyomi, ...subject.kunyomi], meanings: subject.meanings, examples: [] };
    case "CustomVocabulary": {
      const { word, reading, meaning } = subject;
      return { word, readings: reading ? [reading] : [], meanings: meaning ? [meaning] : [], examples: [] };
    }
  }
}
