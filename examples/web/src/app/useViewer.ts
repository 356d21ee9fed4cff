// The viewer's role, which decides what the navigation shows. Each screen's first query includes it by this fragment, so
// that no screen needs a second request.
import { useQuery } from "urql";
import { graphql, readFragment } from "../graphql/generated";
import type { ShellFragment } from "../graphql/generated/graphql";

export const SHELL = graphql(`
  fragment Shell on Viewer {
    id
    role
  }
`);

const CACHED = graphql(`
  query CachedViewer {
    viewer {
      id
      ...Shell
    }
  }
`);

export type RoleOfViewer = ShellFragment["role"];

const RANK: Record<RoleOfViewer, number> = { LEARNER: 0, EDITOR: 1, ADMIN: 2 };

/** Whether the role has all permissions of the required one. */
export const includesRole = (role: RoleOfViewer, required: RoleOfViewer): boolean => RANK[role] >= RANK[required];

/** What the current screen has loaded about the viewer; null if signed out, or while it is loading. */
export function useViewer(): ShellFragment | null {
  const [{ data }] = useQuery({ query: CACHED, requestPolicy: "cache-only" });
  return readFragment(SHELL, data?.viewer ?? null);
}
