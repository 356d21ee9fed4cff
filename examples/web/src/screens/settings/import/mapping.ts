// How the notes of a type become cards, as it is edited.
import type { CardKind, ImportNoteTypeInput, ImportSubject, MappingFormFragment } from "../../../graphql/generated/graphql";

export type NoteType = MappingFormFragment["noteTypes"][number];

export const KINDS = ["RECOGNITION", "RECALL", "READING"] as const satisfies readonly CardKind[];
export const ROLES = ["expression", "reading", "meaning", "sentence"] as const;

export interface Mapping {
  name: string;
  included: boolean;
  /** Names of fields; empty for none. */
  fields: Record<(typeof ROLES)[number], string>;
  subject: ImportSubject;
  /** By template; null for one that is not imported. Rows of a CSV file get a card of each. */
  kinds: readonly (CardKind | null)[];
}

export const toMapping = ({ name, guess }: NoteType): Mapping => ({
  name,
  included: typeof guess.expression === "string",
  fields: { expression: guess.expression ?? "", reading: guess.reading ?? "", meaning: guess.meaning ?? "", sentence: guess.sentence ?? "" },
  subject: guess.subject,
  kinds: guess.kinds,
});

export const toInput = ({ name, fields, subject, kinds }: Mapping): ImportNoteTypeInput => ({
  name,
  expression: fields.expression,
  reading: fields.reading || null,
  meaning: fields.meaning || null,
  sentence: fields.sentence || null,
  subject,
  kinds: [...kinds],
});
