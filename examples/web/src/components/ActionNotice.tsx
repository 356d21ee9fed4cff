import { ErrorNotice } from "./ErrorNotice";
import { UserErrors } from "./UserErrors";
import type { ActionState } from "./useAction";

/** The errors of an action, except those that are displayed next to their fields. */
export function ActionNotice({ state, fields = [] }: { state: ActionState; fields?: readonly string[] }) {
  if (state.failure) return <ErrorNotice error={state.failure} />;
  return <UserErrors errors={state.errors.filter(({ path }) => !fields.includes(path[0] ?? ""))} />;
}
