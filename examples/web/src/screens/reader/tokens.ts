import { graphql } from "../../graphql/generated";
import type { ReaderTokenFragment } from "../../graphql/generated/graphql";

export const TOKEN = graphql(`
  fragment ReaderToken on Token {
    surface
    dictionaryForm
    reading
    inflection
    level
    furigana {
      text
      reading
    }
    vocabulary {
      id
      ...WordCard
    }
  }
`);

export interface Placed {
  token: ReaderTokenFragment;
  /** Index in the tokens of the page. */
  index: number;
}

/** The tokens by paragraph. Line breaks are tokens. */
export function paragraphs(tokens: readonly ReaderTokenFragment[]): Placed[][] {
  const found: Placed[][] = [[]];
  tokens.forEach((token, index) => {
    if (token.surface.includes("\n")) found.push([]);
    else found.at(-1)!.push({ token, index });
  });
  return found.filter((paragraph) => paragraph.length > 0);
}

const END = /[。！？!?\n]/;
const CLOSING = /^[」』）)]/;
const MAX_CHARACTERS = 500;

/** The sentence with the token at the index. A closing bracket after its end belongs to it. */
export function sentenceAround(tokens: readonly ReaderTokenFragment[], index: number): string {
  const surfaces = tokens.map(({ surface }) => surface);
  const isStart = (at: number) => {
    const former = surfaces[at - 1];
    return former === undefined || former.includes("\n") || (END.test(former) && !CLOSING.test(surfaces[at] ?? ""));
  };
  let start = index;
  while (!isStart(start)) start--;
  let end = index + 1;
  while (end < surfaces.length && !isStart(end)) end++;
  const sentence = surfaces.slice(start, end).join("").trim();
  return [...sentence].slice(0, MAX_CHARACTERS).join("");
}
