// Apollo Client 4, with its defaults but for lists, which are merged by its own helper.
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache, ServerError } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { relayStylePagination } from "@apollo/client/utilities";
import { createClient } from "graphql-ws";
import { filter, firstValueFrom } from "rxjs";
import * as operations from "./operations.js";
import { bearer, described, expose, listOf, socketAddress } from "./scenarios.js";

const documents = Object.fromEntries(Object.entries(operations).map(([name, source]) => [name, gql(source)]));

async function sha256(text) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function link({ endpoint, token, transport, persisted }) {
  const http = new HttpLink({ uri: endpoint, headers: bearer(token) });
  if (persisted) return new PersistedQueryLink({ sha256, useGETForHashedQueries: true }).concat(http);
  if (transport === "multipart") return http;
  const socket = new GraphQLWsLink(createClient({ url: socketAddress(endpoint), connectionParams: bearer(token) }));
  return ApolloLink.split(({ operationType }) => operationType === "subscription", socket, http);
}

function errorsOf(error) {
  if (CombinedGraphQLErrors.is(error)) return described(error.errors);
  if (ServerError.is(error)) return described(JSON.parse(error.bodyText).errors);
  return error ? [{ message: String(error) }] : [];
}

const resultOf = ({ data, error }) => ({ data: data ?? null, errors: errorsOf(error) });

expose((options) => {
  const client = new ApolloClient({
    link: link(options),
    cache: new InMemoryCache({
      typePolicies: { Query: { fields: { vocabulary: relayStylePagination(["filter"]) } } },
    }),
    // Headers of its own, which a browser asks for before it sends them.
    clientAwareness: { name: "tests", version: "1" },
    defaultOptions: { query: { errorPolicy: "all" }, mutate: { errorPolicy: "all" } },
  });
  return {
    normalises: true,
    query: async (name, variables) => resultOf(await client.query({ query: documents[name], variables })),
    mutate: async (name, variables) => resultOf(await client.mutate({ mutation: documents[name], variables })),
    watch(name, variables, next) {
      client.watchQuery({ query: documents[name], variables }).subscribe(({ data, dataState }) => {
        if (dataState === "complete") next(data);
      });
    },
    subscribe(name, variables, { next, complete }) {
      const events = client.subscribe({ query: documents[name], variables });
      const subscription = events.subscribe({
        next: (result) => next(resultOf(result)),
        error: (error) => next({ data: null, errors: errorsOf(error) }),
        complete,
      });
      return () => subscription.unsubscribe();
    },
    async pages(size, count) {
      const words = client.watchQuery({ query: documents.WORDS, variables: { first: size } });
      const subscription = words.subscribe();
      const shown = (length) => firstValueFrom(words.pipe(filter(({ data }) => data?.vocabulary.edges.length === length)));
      let { data } = await shown(size);
      for (let page = 2; page <= count; page += 1) {
        await words.fetchMore({ variables: { after: data.vocabulary.pageInfo.endCursor } });
        ({ data } = await shown(page * size));
      }
      subscription.unsubscribe();
      return listOf(data);
    },
  };
});
