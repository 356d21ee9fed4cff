// urql with its normalised cache, which is configured for one list and nothing else.
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { expose } from "./scenarios.js";
import { connectUrql } from "./urql-client.js";

expose((options) => {
  const cache = cacheExchange({ resolvers: { Query: { vocabulary: relayPagination() } } });
  return { ...connectUrql(options, cache, (pages) => pages.at(-1)), normalises: true };
});
