// Resolvers, and loaders that read what all objects of a list need with one statement.
import { globalId, uuidOf } from "./ids.js";
import { statement } from "./statements.js";

async function rows(context, name, ...values) {
  return (await context.pool.query(statement(name, values))).rows;
}

function grouped(found, key) {
  const groups = new Map();
  for (const row of found) {
    const group = groups.get(row[key]);
    if (group === undefined) groups.set(row[key], [row]);
    else group.push(row);
  }
  return groups;
}

const level = { jlptLevel: (row) => row.jlpt_level };

export const resolvers = {
  Query: {
    book: async (_, { id }, context) => (await rows(context, "book", uuidOf("Book", id)))[0] ?? null,
    books: async (_, { first }, context) => ({ nodes: await rows(context, "books", first) }),
    textbook: async (_, { id }, context) => (await rows(context, "textbook", uuidOf("Textbook", id)))[0] ?? null,
    viewer: (_, __, context) => ({ id: context.viewer }),
  },
  Book: { ...level, id: (row) => globalId("Book", row.id), pageCount: (row) => row.page_count },
  BookConnection: { totalCount: async (_, __, context) => (await rows(context, "countBooks"))[0].number },
  BookProgress: { currentPage: (row) => row.current_page },
  Textbook: { ...level, id: (row) => globalId("Textbook", row.id) },
  Chapter: { id: (row) => globalId("Chapter", row.id) },
  Vocabulary: { ...level, id: (row) => globalId("Vocabulary", row.id) },
  Viewer: {
    dueCards: async (_, { first }, context) => ({ nodes: await rows(context, "dueCards", context.viewer, first) }),
  },
  Card: {
    id: (row) => globalId("Card", row.id),
    dueAt: (row) => row.due_at,
    intervalDays: (row) => row.interval_days,
  },
  Mutation: {
    async reviewCards(_, { input: { reviews } }, context) {
      const ids = reviews.map((review) => uuidOf("Card", review.cardId));
      const qualities = reviews.map((review) => review.quality);
      const found = await rows(context, "reviews", context.viewer, ids, qualities);
      const cards = new Map(found.map((row) => [row.id, row]));
      return {
        results: ids.map((id) => {
          const card = cards.get(id) ?? null;
          return { duplicate: false, error: card ? null : { code: "NOT_FOUND" }, card };
        }),
      };
    },
  },
};

// Without their cache, whose keys are serialised objects: no object of these operations occurs twice with its loader.
const opts = { cache: false };

export const loaders = {
  Book: {
    progress: {
      async loader(queries, context) {
        const found = await rows(context, "progress", context.viewer, queries.map(({ obj }) => obj.id));
        const progress = new Map(found.map((row) => [row.book_id, row]));
        return queries.map(({ obj }) => progress.get(obj.id) ?? null);
      },
      opts,
    },
  },
  Textbook: {
    chapters: {
      async loader(queries, context) {
        const chapters = grouped(await rows(context, "chapters", queries.map(({ obj }) => obj.id)), "textbook_id");
        return queries.map(({ obj }) => chapters.get(obj.id) ?? []);
      },
      opts,
    },
  },
  Chapter: {
    vocabulary: {
      async loader(queries, context) {
        const found = await rows(context, "chapterVocabulary", queries.map(({ obj }) => obj.id));
        const words = grouped(found, "chapter_id");
        return queries.map(({ obj }) => words.get(obj.id) ?? []);
      },
      opts,
    },
  },
  Card: {
    vocabulary: {
      async loader(queries, context) {
        const found = await rows(context, "vocabulary", queries.map(({ obj }) => obj.vocabulary_id));
        const words = new Map(found.map((row) => [row.id, row]));
        return queries.map(({ obj }) => words.get(obj.vocabulary_id) ?? null);
      },
      opts,
    },
  },
};
