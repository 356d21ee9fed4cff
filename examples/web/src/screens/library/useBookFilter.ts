import { useMemo } from "react";
import { useSession } from "../../app/session";
import { LEVELS } from "../../components/levels";
import { oneOf, useAddressFilter } from "../../components/useAddressFilter";
import type { LibraryQueryVariables } from "../../graphql/generated/graphql";

export const STATUSES = ["NOT_STARTED", "READING", "FINISHED"] as const;
export const SHARES = ["0.8", "0.9", "0.95", "0.98"] as const;
const ORDERS = ["NEWEST", "TITLE", "LEVEL", "COVERAGE"] as const;

export type Choice = "search" | "level" | "known" | "status" | "order" | "text";

export function useBookFilter() {
  const { parameters, choose } = useAddressFilter<Choice>();
  // The server knows words and progress of learners only.
  const isSignedIn = useSession().user !== null;
  const search = parameters.get("search")?.trim() ?? "";
  const level = oneOf(LEVELS, parameters.get("level"));
  const known = isSignedIn ? oneOf(SHARES, parameters.get("known")) : undefined;
  const status = isSignedIn ? oneOf(STATUSES, parameters.get("status")) : undefined;
  const orders = isSignedIn ? ORDERS : ORDERS.filter((name) => name !== "COVERAGE");
  const order = oneOf(orders, parameters.get("order")) ?? "NEWEST";
  const hasText = parameters.get("text") === "1";

  const variables = useMemo<Omit<LibraryQueryVariables, "after">>(
    () => ({
      filter: {
        search: search || undefined,
        jlptLevels: level && [level],
        minCoverage: known && Number(known),
        status,
        hasText: hasText || undefined,
      },
      orderBy: order,
    }),
    [search, level, known, status, order, hasText],
  );

  return { isSignedIn, orders, values: { search, level, known, status, order, hasText }, variables, choose };
}
