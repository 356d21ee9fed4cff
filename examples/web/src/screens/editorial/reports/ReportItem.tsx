import { ActionNotice } from "../../../components/ActionNotice";
import { useAction } from "../../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";
import { ReportedObject } from "./ReportedObject";
import { Resolution } from "./Resolution";

const REPORT = graphql(`
  fragment EditorialReport on Report {
    id
    type
    reason
    comment
    proposal
    state
    answer
    version
    createdAt
    assignee {
      id
      displayName
    }
    ...ReportedObject
  }
`);

const ASSIGN = graphql(`
  mutation AssignEditorialReport($input: AssignReportInput!) {
    assignReport(input: $input) {
      errors {
        code
        message
        path
      }
      report {
        id
        ...EditorialReport
      }
    }
  }
`);

export function ReportItem(props: { report: FragmentType<typeof REPORT> }) {
  const text = useMessages(messages);
  const format = useFormat();
  const report = readFragment(REPORT, props.report);
  const { id, reason, comment, proposal, state, answer, version, createdAt, assignee } = report;
  const [action, assign] = useAction(ASSIGN, (data) => data.assignReport);
  const isOpen = state === "OPEN" || state === "ASSIGNED";
  return (
    <li className="panel editorial-section" data-report={id}>
      <div className="row">
        <ReportedObject report={report} />
        <strong>{text.reasons[reason]}</strong>
        <span className="badge">{text.states[state]}</span>
        {assignee && <span>{text.assignedTo(assignee.displayName)}</span>}
        <time className="muted" dateTime={createdAt}>
          {format.dateTime(createdAt)}
        </time>
      </div>
      {comment && <p>{comment}</p>}
      {proposal && (
        <p>
          {text.proposal}: <q>{proposal}</q>
        </p>
      )}
      {answer && (
        <p className="muted">
          {text.answer}: {answer}
        </p>
      )}
      <ActionNotice state={action} />
      {isOpen && (
        <>
          <div>
            <button
              disabled={action.running}
              onClick={() => void assign({ input: { id, expectedVersion: version, release: state === "ASSIGNED" } })}
            >
              {state === "ASSIGNED" ? text.release : text.assign}
            </button>
          </div>
          <Resolution id={id} version={version} />
        </>
      )}
    </li>
  );
}
