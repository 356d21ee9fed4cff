// What there is to clients that know streams and have no cache.
import * as operations from "./operations.js";
import { described, expose, listOf } from "./scenarios.js";

const resultOf = ({ data, errors }) => ({ data: data ?? null, errors: described(errors) });

// graphql-ws hands over the server's errors as they are, or the event of a closed socket.
const refusalOf = (error) => ({
  data: null,
  errors: Array.isArray(error) ? described(error) : [{ code: error.code, message: error.reason ?? String(error) }],
});

export function exposeStreams(createClient) {
  expose((options) => {
    const client = createClient(options);
    const subscribe = (name, variables, { next, complete }) =>
      client.subscribe({ query: operations[name], variables }, {
        next: (result) => next(resultOf(result)),
        error: (error) => next(refusalOf(error)),
        complete,
      });
    const run = (name, variables) =>
      new Promise((resolve) => subscribe(name, variables, { next: resolve, complete: () => {} }));
    return {
      query: run,
      mutate: run,
      subscribe,
      async pages(size, count) {
        const edges = [];
        let vocabulary;
        for (let page = 0; page < count; page += 1) {
          const after = vocabulary?.pageInfo.endCursor;
          ({ vocabulary } = (await run("WORDS", { first: size, after })).data);
          edges.push(...vocabulary.edges);
        }
        return listOf({ vocabulary: { ...vocabulary, edges } });
      },
    };
  });
}
