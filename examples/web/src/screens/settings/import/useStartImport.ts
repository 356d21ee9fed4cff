import { useLocation } from "wouter";
import { useAction, type ActionState } from "../../../components/useAction";
import { graphql } from "../../../graphql/generated";
import type { StartImportInput } from "../../../graphql/generated/graphql";

const START_IMPORT = graphql(`
  mutation StartImport($input: StartImportInput!) {
    startImport(input: $input) {
      errors {
        code
        message
        path
      }
      import {
        id
      }
    }
  }
`);

/** Starts an import of an upload, and opens its screen unless the learner has left this one. */
export function useStartImport(): [ActionState, (input: StartImportInput, signal: AbortSignal) => Promise<void>] {
  const [, navigate] = useLocation();
  const [state, start] = useAction(START_IMPORT, (data) => data.startImport);
  const run = async (input: StartImportInput, signal: AbortSignal) => {
    const started = await start({ input });
    if (started?.import && !signal.aborted) navigate(`/settings/import/${started.import.id}`);
  };
  return [state, run];
}
