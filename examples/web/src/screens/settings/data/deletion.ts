import type { CombinedError } from "urql";

export interface Deletion {
  /** When the account is erased. */
  erasedAt: string;
}

/** The deletion of the account because of which a request failed; null for other errors. */
export function erasureOf(error: CombinedError | undefined): Deletion | null {
  for (const { extensions } of error?.graphQLErrors ?? []) {
    if (extensions.code === "ACCOUNT_DELETED" && typeof extensions.erasedAt === "string") return { erasedAt: extensions.erasedAt };
  }
  return null;
}
