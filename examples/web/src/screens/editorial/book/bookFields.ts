// The data of a book as its form has it: strings, where the API has null for an empty one.
import { graphql } from "../../../graphql/generated";
import type { EditorialBookDataFragment, JlptLevel, UpdateBookInput } from "../../../graphql/generated/graphql";

export const BOOK_DATA = graphql(`
  fragment EditorialBookData on Book {
    id
    version
    title
    titleReading
    author
    description
    jlptLevel
    originalYear
    publishedAt
    publishAt
    coverUrl
  }
`);

export const BOOK_FIELDS = ["title", "titleReading", "author", "jlptLevel", "originalYear", "description"] as const;
export type BookField = (typeof BOOK_FIELDS)[number];
export type BookValues = Record<BookField, string>;

export const readValues = (book: EditorialBookDataFragment): BookValues => ({
  title: book.title,
  titleReading: book.titleReading ?? "",
  author: book.author,
  jlptLevel: book.jlptLevel,
  originalYear: String(book.originalYear ?? ""),
  description: book.description ?? "",
});

/** The changed values only, so that the revision names what the editor has changed. */
export function toInput(changes: Partial<BookValues>): Omit<UpdateBookInput, "id" | "expectedVersion"> {
  const { titleReading, originalYear, jlptLevel, ...others } = changes;
  return {
    ...others,
    ...(jlptLevel !== undefined && { jlptLevel: jlptLevel as JlptLevel }),
    ...(titleReading !== undefined && { titleReading: titleReading || null }),
    ...(originalYear !== undefined && { originalYear: originalYear === "" ? null : Number(originalYear) }),
  };
}
