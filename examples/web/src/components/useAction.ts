import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { useState } from "react";
import { useMutation, type AnyVariables, type CombinedError } from "urql";

export interface UserError {
  code: string;
  message: string;
  path: readonly string[];
}

export interface ActionState {
  running: boolean;
  /** What the user can correct, of the last run. */
  errors: readonly UserError[];
  failure: CombinedError | null;
}

/**
 * A mutation, with the errors of its last run.
 *
 * `run` returns the payload, or null if nothing was changed.
 */
export function useAction<Data, Variables extends AnyVariables, Payload extends { errors: readonly UserError[] }>(
  document: TypedDocumentNode<Data, Variables>,
  select: (data: Data) => Payload | null | undefined,
): [state: ActionState, run: (variables: Variables) => Promise<Payload | null>] {
  const [{ fetching }, execute] = useMutation(document);
  const [last, setLast] = useState<Omit<ActionState, "running">>({ errors: [], failure: null });
  const run = async (variables: Variables) => {
    const { data, error } = await execute(variables);
    const payload = data ? (select(data) ?? null) : null;
    const errors = payload?.errors ?? [];
    setLast({ errors, failure: error ?? null });
    return error || errors.length > 0 ? null : payload;
  };
  return [{ running: fetching, ...last }, run];
}

/** The message of the error at this input field. */
export const errorOf = ({ errors }: ActionState, field: string): string | undefined =>
  errors.find(({ path }) => path[0] === field)?.message;

export const isConflict = ({ errors }: ActionState): boolean => errors.some(({ code }) => code === "CONFLICT");
