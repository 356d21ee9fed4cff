// The server knows all documents of a build, and requests name them by their hashes.
import { makeOperation, mapExchange, type Operation } from "@urql/core";
import type { SubscribePayload } from "graphql-ws";

// The development server of Vite sends text, because documents change while they are edited.
const registered = import.meta.env.PROD;

/** What the exchanges of this module add to an operation's context. */
interface Context {
  documentId?: string;
  /** The operation with its document, which the cache needs to read the result. */
  original?: Operation;
}

const contextOf = (operation: Operation): Context => operation.context as Context & Operation["context"];

/** Names the document of an operation; another build may have another one. */
export const hashOf = (document: unknown): string | undefined => (document as { __meta__?: { hash?: string } }).__meta__?.hash;

/** Stores the id in the operation's context: the cache, which comes next, rewrites the document. */
export const documentId = mapExchange({
  onOperation(operation) {
    const hash = hashOf(operation.query);
    if (!registered || hash === undefined) return operation;
    return makeOperation(operation.kind, operation, { ...operation.context, documentId: `sha256:${hash}` });
  },
});

/** Replaces the document by its id in requests, and puts it back in results. */
export const sendDocumentIds = mapExchange({
  onOperation(operation) {
    const id = contextOf(operation).documentId;
    if (id === undefined || operation.kind === "teardown") return operation;
    const named = makeOperation(operation.kind, operation, { ...operation.context, original: operation });
    named.query = { kind: operation.query.kind, definitions: [], documentId: id } as unknown as Operation["query"];
    return named;
  },
  onResult(result) {
    return { ...result, operation: contextOf(result.operation).original ?? result.operation };
  },
});

/** The message of a subscription, without its document. graphql-ws requires `query`, which `omitEmptyQuery` removes. */
export function toMessage(body: { query?: string; variables?: unknown }, operation: Operation): SubscribePayload {
  const id = contextOf(operation).documentId;
  const message = { query: id === undefined ? (body.query ?? "") : "", variables: body.variables, documentId: id };
  return message as SubscribePayload;
}

export const omitEmptyQuery = (key: string, value: unknown): unknown => (key === "query" && value === "" ? undefined : value);
