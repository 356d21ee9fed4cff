// Relay without React: the compiler's artifacts, the runtime's store, and a network of a few lines as its guide has it.
import { createClient } from "graphql-ws";
import {
  commitMutation,
  createOperationDescriptor,
  Environment,
  fetchQuery,
  getRequest,
  graphql,
  Network,
  Observable,
  RecordSource,
  requestSubscription,
  Store,
} from "relay-runtime";
import { bearer, described, expose, listOf, socketAddress } from "./scenarios.js";

const documents = {
  KANJI: graphql`
    query relayKanjiQuery($character: String!) {
      kanji(character: $character) { id character meanings }
    }
  `,
  WORDS: graphql`
    query relayWordsQuery($first: Int!, $after: String) {
      vocabulary(first: $first, after: $after, filter: { jlptLevels: [N5] })
        @connection(key: "relay_vocabulary", filters: ["filter"]) {
        edges { cursor node { id word } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  `,
  MINE: graphql`
    query relayMineQuery {
      viewer {
        id
        dashboard { id dueNow reviewsToday currentlyReading { id currentPage } }
        settings { id newCardsPerDay }
      }
    }
  `,
  CREATE_CARDS: graphql`
    mutation relayCreateCardsMutation($input: CreateCardsInput!) {
      createCards(input: $input) { cards { id } viewer { id dashboard { id dueNow } } errors { code message path } }
    }
  `,
  REVIEW_CARDS: graphql`
    mutation relayReviewCardsMutation($input: ReviewCardsInput!) {
      reviewCards(input: $input) {
        results { idempotencyKey card { id state } review { id } error { code message path } }
        viewer { id dashboard { id dueNow reviewsToday } }
        errors { code message path }
      }
    }
  `,
  UNDO_REVIEWS: graphql`
    mutation relayUndoReviewsMutation($input: UndoReviewsInput!) {
      undoReviews(input: $input) {
        cards { id state }
        viewer { id dashboard { id dueNow reviewsToday } }
        errors { code message path }
      }
    }
  `,
  SUSPEND_CARDS: graphql`
    mutation relaySuspendCardsMutation($input: SetCardsSuspendedInput!) {
      setCardsSuspended(input: $input) {
        cards { id suspended }
        viewer { id dashboard { id dueNow } }
        errors { code message path }
      }
    }
  `,
  UPDATE_SETTINGS: graphql`
    mutation relayUpdateSettingsMutation($input: UpdateStudySettingsInput!) {
      updateStudySettings(input: $input) { settings { id newCardsPerDay } errors { code message path } }
    }
  `,
  READ_BOOK: graphql`
    mutation relayReadBookMutation($input: UpdateReadingProgressInput!) {
      updateReadingProgress(input: $input) {
        viewer { id dashboard { id currentlyReading { id currentPage } } }
        errors { code message path }
      }
    }
  `,
  GENERATE: graphql`
    mutation relayGenerateMutation($input: GenerateTextbookInput!) {
      generateTextbook(input: $input) { job { id status } errors { code message path } }
    }
  `,
  CANCEL: graphql`
    mutation relayCancelMutation($input: CancelJobInput!) {
      cancelJob(input: $input) { job { id status } errors { code message path } }
    }
  `,
  DASHBOARD_UPDATED: graphql`
    subscription relayDashboardUpdatedSubscription { dashboardUpdated { id dueNow reviewsToday } }
  `,
  JOB_STATUS: graphql`
    subscription relayJobStatusSubscription($id: ID!) { jobStatus(id: $id) { id status } }
  `,
  // A field that failed is caught where it is, with the server's message, and its neighbours are shown.
  TOO_MANY: graphql`
    query relayTooManyQuery($first: Int!) {
      kanji(character: "食") { id character }
      vocabulary(first: $first) @catch { nodes { id } }
    }
  `,
  BOOK: graphql`
    query relayBookQuery($id: ID!) { book(id: $id) { id title version } }
  `,
};

// The compiler refuses it, as it should. A page that was made for another version of the schema sends such a query.
documents.INVALID = {
  ...documents.KANJI,
  params: { ...documents.KANJI.params, cacheID: "invalid", text: "query Invalid { nothing }" },
};

function network({ endpoint, token }) {
  const socket = createClient({ url: socketAddress(endpoint), connectionParams: bearer(token) });
  return Network.create(
    async ({ text }, variables) => {
      const response = await fetch(endpoint, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...bearer(token) },
        body: JSON.stringify({ query: text, variables }),
      });
      return response.json();
    },
    ({ text }, variables) => Observable.create((sink) => socket.subscribe({ query: text, variables }, sink)),
  );
}

// From the errors that the runtime adds to its own message, or from a stream's.
function errorsOf(error) {
  if (Array.isArray(error)) return described(error);
  return error.source?.errors ? described(error.source.errors) : [{ message: String(error) }];
}

expose((options) => {
  const environment = new Environment({ network: network(options), store: new Store(new RecordSource()) });
  const operationOf = (name, variables) => createOperationDescriptor(getRequest(documents[name]), variables);
  const read = (operation) => environment.lookup(operation.fragment).data;
  return {
    normalises: true,
    async query(name, variables) {
      try {
        return caught(await fetchQuery(environment, documents[name], variables).toPromise());
      } catch (error) {
        return { data: null, errors: errorsOf(error) };
      }
    },
    mutate(name, variables) {
      return new Promise((resolve) =>
        commitMutation(environment, {
          mutation: documents[name],
          variables,
          onCompleted: (data, errors) => resolve({ data, errors: described(errors) }),
          onError: (error) => resolve({ data: null, errors: errorsOf(error) }),
        }),
      );
    },
    watch(name, variables, next) {
      const operation = operationOf(name, variables);
      environment.retain(operation);
      environment.execute({ operation }).subscribe({
        complete() {
          next(read(operation));
          environment.subscribe(environment.lookup(operation.fragment), ({ data }) => next(data));
        },
      });
    },
    subscribe(name, variables, { next, complete }) {
      const { dispose } = requestSubscription(environment, {
        subscription: documents[name],
        variables,
        onNext: (data) => next({ data, errors: [] }),
        onError: (error) => next({ data: null, errors: errorsOf(error) }),
        onCompleted: complete,
      });
      return dispose;
    },
    // As usePaginationFragment does it: each page is added to the connection that the first query reads.
    async pages(size, count) {
      const first = operationOf("WORDS", { first: size });
      environment.retain(first);
      for (let page = 0; page < count; page += 1) {
        const after = page === 0 ? undefined : read(first).vocabulary.pageInfo.endCursor;
        await fetchQuery(environment, documents.WORDS, { first: size, after }).toPromise();
      }
      return listOf(read(first));
    },
  };
});

// What @catch left in the place of a field.
function caught(data) {
  const errors = [];
  const plain = Object.entries(data).map(([name, value]) => {
    if (value?.ok === undefined) return [name, value];
    errors.push(...(value.errors ?? []));
    return [name, value.ok ? value.value : null];
  });
  return { data: Object.fromEntries(plain), errors: described(errors) };
}
