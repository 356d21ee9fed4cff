import { ActionNotice } from "../../components/ActionNotice";
import { JobProgress } from "../../components/jobs/JobProgress";
import type { ActionState } from "../../components/useAction";
import type { FragmentType } from "../../graphql/generated";
import type { JobProgressFragmentDoc } from "../../graphql/generated/graphql";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

/** The end of a form: its button, and the result of the last change. `fields`: those that display their errors. */
export function SaveButton({ state, fields, disabled = false, saved, onFinished }: {
  state: ActionState;
  fields: readonly string[];
  disabled?: boolean;
  saved: { job?: FragmentType<typeof JobProgressFragmentDoc> | null } | null;
  onFinished?: () => void;
}) {
  const text = useMessages(messages);
  return (
    <>
      <ActionNotice state={state} fields={fields} />
      <div className="row form-end">
        <button className="primary" disabled={disabled || state.running}>
          {text.save}
        </button>
        {saved && !saved.job && <span role="status">{text.saved}</span>}
      </div>
      {saved?.job && <JobProgress job={saved.job} label={text.rescheduling} onFinished={onFinished} />}
    </>
  );
}
