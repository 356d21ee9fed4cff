// The normalized cache. Objects with an `id` are stored once; others are parts of their parents.
import type { Exchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import type { CreateCardsInput } from "./generated/graphql";
import { staffKeys, staffUpdates } from "./staffCache";

export function createCache(): Exchange {
  return cacheExchange({
    keys: staffKeys,
    resolvers: {
      Query: { books: relayPagination(), kanjiList: relayPagination(), searchVocabulary: relayPagination(), textbooks: relayPagination() },
      Viewer: { imports: relayPagination() },
      Import: { ambiguousWords: relayPagination() },
      Book: { revisions: relayPagination() },
      Editorial: { corrections: relayPagination(), deleted: relayPagination(), reports: relayPagination() },
      Admin: { auditLog: relayPagination(), jobs: relayPagination(), users: relayPagination() },
    },
    optimistic: {
      createCards: ({ input }) => showNewCards(input as CreateCardsInput),
    },
    updates: { Mutation: staffUpdates },
  });
}

/** Cards of words, as they look until the server has created them. */
function showNewCards({ vocabularyIds }: CreateCardsInput) {
  const cards = (vocabularyIds ?? []).map((id) => {
    const card = { __typename: "Card" as const, id: `new:${id}`, intervalDays: 0 };
    return { ...card, vocabulary: { __typename: "Vocabulary" as const, id, card } };
  });
  return { __typename: "CreateCardsPayload" as const, errors: [], cards };
}
