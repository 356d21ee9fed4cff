import { useState } from "react";
import { useQuery } from "urql";
import { Field } from "../../../components/Field";
import { LoadMore } from "../../../components/LoadMore";
import { useCursor } from "../../../components/useCursor";
import { graphql } from "../../../graphql/generated";
import type { ReportFilter, ReportState } from "../../../graphql/generated/graphql";
import { useMessages } from "../../../i18n/messages";
import { EditorialScreen } from "../EditorialScreen";
import { messages } from "./messages";
import { ReportItem } from "./ReportItem";

const REPORTS = graphql(`
  query EditorialReports($filter: ReportFilter, $after: String) {
    viewer {
      id
      ...Shell
    }
    editorial {
      reports(first: 20, after: $after, filter: $filter) {
        nodes {
          id
          ...EditorialReport
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

const STATES: readonly ReportState[] = ["OPEN", "ASSIGNED", "ACCEPTED", "REJECTED"];
const MINE = "MINE";

/** The queue of reports, oldest first. */
export default function Reports() {
  const text = useMessages(messages);
  const [choice, setChoice] = useState<ReportState | typeof MINE>("OPEN");
  const filter: ReportFilter = choice === MINE ? { state: "ASSIGNED", assignedToMe: true } : { state: choice };
  const [after, setAfter] = useCursor(JSON.stringify(filter));
  const [result, reload] = useQuery({ query: REPORTS, variables: { filter, after } });
  return (
    <EditorialScreen state={result} onRetry={reload}>
      {({ editorial }) => (
        <div className="editorial">
          <Field label={text.state}>
            {(control) => (
              <select
                {...control}
                value={choice}
                onChange={({ target }) => setChoice(target.value as typeof choice)}
              >
                {STATES.map((state) => (
                  <option key={state} value={state}>
                    {text.states[state]}
                  </option>
                ))}
                <option value={MINE}>{text.mine}</option>
              </select>
            )}
          </Field>
          {editorial?.reports && (
            <>
              {editorial.reports.nodes.length === 0 && <p role="status">{text.none}</p>}
              <ul className="list editorial">
                {editorial.reports.nodes.map((report) => (
                  <ReportItem key={report.id} report={report} />
                ))}
              </ul>
              <LoadMore pageInfo={editorial.reports.pageInfo} loading={result.fetching} onLoad={setAfter} />
            </>
          )}
        </div>
      )}
    </EditorialScreen>
  );
}
