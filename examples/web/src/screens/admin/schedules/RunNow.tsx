import { ActionNotice } from "../../../components/ActionNotice";
import { useAction } from "../../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";

const SCHEDULE = graphql(`
  fragment AdminSchedule on Schedule {
    name
    requestedAt
  }
`);

const RUN = graphql(`
  mutation RunSchedule($input: RunScheduleInput!) {
    runSchedule(input: $input) {
      errors {
        code
        message
        path
      }
      schedule {
        name
        ...AdminSchedule
      }
    }
  }
`);

/** Requests a run, which a worker starts within 30 seconds. */
export function RunNow(props: { schedule: FragmentType<typeof SCHEDULE> }) {
  const text = useMessages(messages);
  const { name, requestedAt } = readFragment(SCHEDULE, props.schedule);
  const [action, run] = useAction(RUN, (data) => data.runSchedule);
  if (requestedAt) return <span role="status">{text.requested}</span>;
  return (
    <>
      <button disabled={action.running} aria-label={`${text.run}: ${name}`} onClick={() => void run({ input: { name } })}>
        {text.run}
      </button>
      <ActionNotice state={action} />
    </>
  );
}
