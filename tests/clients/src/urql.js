// urql with its defaults: the document cache, and queries by GET where they are short enough.
import { cacheExchange } from "@urql/core";
import { expose } from "./scenarios.js";
import { connectUrql } from "./urql-client.js";

// A page of a list is a query of its own.
function join(pages) {
  const edges = pages.flatMap(({ vocabulary }) => vocabulary.edges);
  return { vocabulary: { ...pages.at(-1).vocabulary, edges } };
}

expose((options) => connectUrql(options, cacheExchange, join));
