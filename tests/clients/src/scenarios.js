// What a page does with its client. Each client brings an adapter, so that all of them do the same and are held to the
// same results.
//
// An adapter's methods, where the client has them:
//   query(name, variables), mutate(name, variables)    a promise of { data, errors }; never rejects
//   watch(name, variables, next)                       calls next(data) now and when the cache changes
//   subscribe(name, variables, { next, complete })     calls next({ data, errors }); returns a function that stops it
//   pages(size, count)                                 a promise of `count` pages of Words, as one list

import { CREATE_CARDS, REVIEW_CARDS } from "./operations.js";

const TIMEOUT_MS = 10_000;

export function expose(connect) {
  window.run = async (scenario, endpoint, token, options = {}) => {
    const open = (changes = {}) => connect({ endpoint, token, ...options, ...changes });
    return withoutTypenames(await scenarios[scenario](open, options, { endpoint, token }));
  };
}

const scenarios = {
  query: async (open) => open().query("KANJI", { character: "食" }),

  pages: async (open) => open().pages(5, 3),

  // Twice, by clients that know nothing of each other.
  async persisted(open) {
    const first = await open({ persisted: true }).query("KANJI", { character: "水" });
    const second = await open({ persisted: true }).query("KANJI", { character: "水" });
    return [first, second];
  },

  // Nothing is configured: what a mutation returns changes what is shown.
  async mutations(open, { book }) {
    const client = open();
    const shown = new Recorder();
    client.watch("MINE", {}, ({ viewer }) =>
      shown.add({
        dueNow: viewer.dashboard.dueNow,
        reviewsToday: viewer.dashboard.reviewsToday,
        pages: viewer.dashboard.currentlyReading.map(({ currentPage }) => currentPage),
        newCardsPerDay: viewer.settings.newCardsPerDay,
      }),
    );
    await shown.until(({ dueNow }) => dueNow === 0);
    const { createCards } = data(await client.mutate("CREATE_CARDS", { input: { jlptLevel: "N5", limit: 3 } }));
    await shown.until(({ dueNow }) => dueNow === 3);
    const cards = createCards.cards.map(({ id }) => id);
    const review = { cardId: cards[0], quality: 5, idempotencyKey: crypto.randomUUID() };
    const { reviewCards } = data(await client.mutate("REVIEW_CARDS", { input: { reviews: [review] } }));
    await shown.until(({ dueNow, reviewsToday }) => dueNow === 2 && reviewsToday === 1);
    const reviewIds = reviewCards.results.map((result) => result.review.id);
    data(await client.mutate("UNDO_REVIEWS", { input: { reviewIds } }));
    await shown.until(({ dueNow, reviewsToday }) => dueNow === 3 && reviewsToday === 0);
    data(await client.mutate("SUSPEND_CARDS", { input: { cardIds: cards.slice(1), suspended: true } }));
    await shown.until(({ dueNow }) => dueNow === 1);
    data(await client.mutate("UPDATE_SETTINGS", { input: { newCardsPerDay: 7 } }));
    await shown.until(({ newCardsPerDay }) => newCardsPerDay === 7);
    data(await client.mutate("READ_BOOK", { input: { bookId: book, currentPage: 1 } }));
    await shown.until(({ pages }) => pages.length === 1);
    data(await client.mutate("READ_BOOK", { input: { bookId: book, currentPage: 2 } }));
    await shown.until(({ pages }) => pages[0] === 2);
    return shown.values;
  },

  // The change comes from another device. A cache that is normalised takes it over.
  async events(open, _, caller) {
    const card = await createCardElsewhere(caller);
    const client = open();
    const shown = new Recorder();
    if (client.normalises) {
      client.watch("MINE", {}, ({ viewer }) => shown.add(viewer.dashboard.dueNow));
      await shown.until((dueNow) => dueNow === 1);
    }
    const events = new Recorder();
    const stop = client.subscribe("DASHBOARD_UPDATED", {}, {
      next: (result) => events.add(data(result).dashboardUpdated.dueNow),
      complete: () => events.add("complete"),
    });
    await events.until((dueNow) => dueNow === 1);
    await reviewElsewhere(caller, card);
    await events.until((dueNow) => dueNow === 0);
    if (client.normalises) await shown.until((dueNow) => dueNow === 0);
    const result = { events: [...events.values], shown: shown.values };
    stop();
    return result;
  },

  // A stream that the server completes.
  async job(open) {
    const client = open();
    const input = { title: "Travels", jlptLevel: "N5", topics: ["travel"], numberOfChapters: 1 };
    const { job } = data(await client.mutate("GENERATE", { input })).generateTextbook;
    const events = new Recorder();
    client.subscribe("JOB_STATUS", { id: job.id }, {
      next: (result) => events.add(data(result).jobStatus.status),
      complete: () => events.add("complete"),
    });
    await events.until((status) => status === "QUEUED");
    data(await client.mutate("CANCEL", { input: { id: job.id } }));
    await events.until((status) => status === "complete");
    return events.values;
  },

  // What a page can show of what went wrong.
  async errors(open, { missingBook, missingCard, missingJob, streamsOverHttp }) {
    const client = open();
    const nobody = open({ token: null });
    // graphql-ws would try five times, and wait half a minute: another token might be there by then.
    const stranger = open({ token: "nonsense", retryAttempts: 0 });
    const review = { cardId: missingCard, quality: 9, idempotencyKey: "1" };
    const settings = { input: { newCardsPerDay: 7 } };
    return {
      invalid: await client.query("INVALID", {}),
      partial: await client.query("TOO_MANY", { first: 500 }),
      notThere: await client.query("BOOK", { id: missingBook }),
      userError: await client.mutate("REVIEW_CARDS", { input: { reviews: [review] } }),
      signedOut: await nobody.mutate("UPDATE_SETTINGS", settings),
      badToken: await stranger.query("KANJI", { character: "食" }),
      streamSignedOut: await refusal(nobody, "DASHBOARD_UPDATED", {}),
      streamBadToken: streamsOverHttp && (await refusal(stranger, "DASHBOARD_UPDATED", {})),
      streamNotFound: await refusal(client, "JOB_STATUS", { id: missingJob }),
    };
  },

  // An editor saves, reads, and saves again: the browser's own cache is in between.
  async edits(open, { book, titles }) {
    const versions = [];
    for (const title of titles) {
      const client = open();
      const { version } = data(await client.query("BOOK", { id: book })).book;
      versions.push(version);
      const input = { id: book, expectedVersion: version, title };
      const { updateBook } = data(await client.mutate("UPDATE_BOOK", { input }));
      if (updateBook.errors.length > 0) throw new Error(JSON.stringify(updateBook.errors));
    }
    return versions;
  },
};

// Values in the order in which they came, without repetitions.
class Recorder {
  values = [];
  #waiting = new Set();

  add(value) {
    if (JSON.stringify(value) === JSON.stringify(this.values.at(-1))) return;
    this.values.push(value);
    for (const check of this.#waiting) check();
  }

  // Until the latest value is as wanted.
  until(isWanted) {
    return within((resolve) => {
      const check = () => {
        if (this.values.length === 0 || !isWanted(this.values.at(-1))) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    }, () => `waited for ${isWanted}, got ${JSON.stringify(this.values)}`);
  }
}

function within(start, describe) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(describe())), TIMEOUT_MS);
    start((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}

function refusal(client, name, variables) {
  return within((resolve) => {
    client.subscribe(name, variables, { next: resolve, complete: () => resolve("completed without a word") });
  }, () => `${name} was not refused`);
}

// Some clients ask for __typename everywhere.
function withoutTypenames(value) {
  return JSON.parse(JSON.stringify(value, (name, inner) => (name === "__typename" ? undefined : inner)));
}

function data(result) {
  if (result.errors.length > 0) throw new Error(JSON.stringify(result.errors));
  return result.data;
}

async function createCardElsewhere(caller) {
  const { createCards } = await sendElsewhere(caller, CREATE_CARDS, { jlptLevel: "N5", limit: 1 });
  return createCards.cards[0].id;
}

function reviewElsewhere(caller, cardId) {
  const review = { cardId, quality: 5, idempotencyKey: crypto.randomUUID() };
  return sendElsewhere(caller, REVIEW_CARDS, { reviews: [review] });
}

// Past the client and its cache.
async function sendElsewhere({ endpoint, token }, query, input) {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...bearer(token) },
    body: JSON.stringify({ query, variables: { input } }),
  });
  return data({ errors: [], ...(await response.json()) });
}

// What is compared of an error.
export const described = (errors) =>
  (errors ?? []).map(({ message, extensions }) => ({ code: extensions?.code, message }));

export const bearer = (token) => (token ? { Authorization: `Bearer ${token}` } : {});

export const socketAddress = (endpoint) => endpoint.replace(/^http/, "ws");

export const listOf = ({ vocabulary }) => ({
  words: vocabulary.edges.map(({ node }) => node.word),
  hasNextPage: vocabulary.pageInfo.hasNextPage,
});
