// The page of each book that the learner has open. It is stored in the browser until the server has it, so that it is
// saved even if the network fails or the page is closed.
import type { Client } from "urql";
import { graphql } from "../../graphql/generated";

const SAVE = graphql(`
  mutation SaveReadingPosition($input: UpdateReadingProgressInput!) {
    updateReadingProgress(input: $input) {
      errors {
        code
        message
        path
      }
      progress {
        id
        status
        percent
        currentPage
      }
      book {
        id
        progress {
          id
        }
      }
    }
  }
`);

/** A learner who turns pages quickly saves the last one only. */
const DELAY = 1_000;

interface Position {
  page: number;
  readAt: string;
}

const keyOf = (user: string) => `shinjp:positions:${user}`;

const readPositions = (user: string): Record<string, Position> =>
  JSON.parse(localStorage.getItem(keyOf(user)) ?? "{}") as Record<string, Position>;

function writePositions(user: string, positions: Record<string, Position>) {
  if (Object.keys(positions).length > 0) localStorage.setItem(keyOf(user), JSON.stringify(positions));
  else localStorage.removeItem(keyOf(user));
}

/** The page that the server does not have yet, if any. */
export const unsavedPage = (user: string, bookId: string): number | undefined => readPositions(user)[bookId]?.page;

let timer: ReturnType<typeof setTimeout> | undefined;

/** Stores the open page of a book, and sends it soon. */
export function storePosition(client: Client, user: string, bookId: string, page: number) {
  writePositions(user, { ...readPositions(user), [bookId]: { page, readAt: new Date().toISOString() } });
  clearTimeout(timer);
  timer = setTimeout(() => void sendPositions(client, user), DELAY);
}

/** Sends all stored positions. Those that the server did not receive stay stored; it ignores one that is out of date. */
export async function sendPositions(client: Client, user: string): Promise<void> {
  for (const [bookId, { page, readAt }] of Object.entries(readPositions(user))) {
    const { data } = await client.mutation(SAVE, { input: { bookId, currentPage: page, readAt } }).toPromise();
    // A position that the server rejects, such as one of a deleted book, is final, too.
    if (!data?.updateReadingProgress) return;
    const { [bookId]: current, ...others } = readPositions(user);
    if (current?.readAt === readAt) writePositions(user, others);
  }
}
