// What there is to both caches of urql.
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { createClient } from "graphql-ws";
import { onEnd, pipe, subscribe } from "wonka";
import * as operations from "./operations.js";
import { bearer, described, listOf, socketAddress } from "./scenarios.js";

function exchangesOf({ endpoint, token, transport, persisted }, cache) {
  const exchanges = [cache, ...(persisted ? [persistedExchange()] : []), fetchExchange];
  if (transport === "sse") return exchanges;
  const socket = createClient({ url: socketAddress(endpoint), connectionParams: bearer(token) });
  const forwardSubscription = ({ query, variables }) => ({
    subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
  });
  return [...exchanges, subscriptionExchange({ forwardSubscription })];
}

const resultOf = ({ data, error }) => ({ data: data ?? null, errors: errorsOf(error) });

function errorsOf(error) {
  if (error?.networkError) return [{ message: String(error.networkError) }];
  return described(error?.graphQLErrors);
}

// `merge`: what the last pages of a list are read as.
export function connectUrql(options, cache, merge) {
  const client = new Client({
    url: options.endpoint,
    exchanges: exchangesOf(options, cache),
    fetchOptions: { headers: bearer(options.token) },
    fetchSubscriptions: options.transport === "sse",
  });
  return {
    query: async (name, variables) => resultOf(await client.query(operations[name], variables)),
    mutate: async (name, variables) => resultOf(await client.mutation(operations[name], variables)),
    watch(name, variables, next) {
      client.query(operations[name], variables).subscribe(({ data, stale }) => {
        if (data && !stale) next(data);
      });
    },
    subscribe(name, variables, { next, complete }) {
      const events = client.subscription(operations[name], variables);
      return pipe(events, onEnd(complete), subscribe((result) => next(resultOf(result)))).unsubscribe;
    },
    async pages(size, count) {
      const pages = [];
      for (let after = null; pages.length < count; after = pages.at(-1).vocabulary.pageInfo.endCursor) {
        pages.push((await client.query(operations.WORDS, { first: size, after })).data);
      }
      return listOf(merge(pages));
    },
  };
}
