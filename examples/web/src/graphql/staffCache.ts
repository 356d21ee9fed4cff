// How the cache follows the mutations of editors and administrators.
import { gql } from "@urql/core";
import type { Cache, KeyingConfig, UpdateResolver } from "@urql/exchange-graphcache";

export const staffKeys: KeyingConfig = {
  DeletedObject: ({ objectId }) => objectId as string,
  ManagedJob: ({ jobId }) => jobId as string,
  Revision: ({ revisionId }) => revisionId as string,
  Schedule: ({ name }) => name as string,
};

/** Lists of books are requested again when a screen displays them. */
function forgetBooks(cache: Cache): void {
  for (const { fieldName, arguments: values } of cache.inspectFields("Query")) {
    if (fieldName === "books") cache.invalidate("Query", fieldName, values);
  }
}

// The pages after it have other numbers.
const forgetPages: UpdateResolver = (result, _arguments, cache, { fieldName }) => {
  const book = (result[fieldName] as { book?: { id: string } | null } | null)?.book;
  if (!book) return;
  const entity = { __typename: "Book", id: book.id };
  for (const field of cache.inspectFields(entity)) {
    if (field.fieldName === "page") cache.invalidate(entity, field.fieldName, field.arguments);
  }
};

const deleteBook: UpdateResolver = (result, { input }, cache) => {
  if (!(result.deleteBook as { deletedId?: string | null } | null)?.deletedId) return;
  cache.invalidate({ __typename: "Book", id: (input as { id: string }).id });
  forgetBooks(cache);
};

// A list without one of its objects is requested again.
const restore: UpdateResolver = (result, { input }, cache, { fieldName }) => {
  const payload = result[fieldName] as { errors: unknown[] } | null;
  if (!payload || payload.errors.length > 0) return;
  cache.invalidate({ __typename: "DeletedObject", objectId: (input as { id: string }).id });
  forgetBooks(cache);
};

// Administrators see a job as `ManagedJob`; mutations return it as `Job`.
const updateJob: UpdateResolver = (result, _arguments, cache, { fieldName }) => {
  const job = (result[fieldName] as { job?: { id: string; status: string } | null } | null)?.job;
  if (!job) return;
  const fragment = gql`
    fragment _ on ManagedJob {
      jobId
      status
    }
  `;
  cache.writeFragment(fragment, { __typename: "ManagedJob", jobId: job.id, status: job.status });
};

export const staffUpdates: Record<string, UpdateResolver> = {
  createBook: (_result, _arguments, cache) => forgetBooks(cache),
  deleteBook,
  insertBookPage: forgetPages,
  moveBookPage: forgetPages,
  deleteBookPage: forgetPages,
  restoreBook: restore,
  restoreTextbook: restore,
  restoreChapter: restore,
  cancelJob: updateJob,
  retryJob: updateJob,
};
