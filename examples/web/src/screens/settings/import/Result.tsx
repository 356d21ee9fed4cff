import { Metric } from "../../../components/Metric";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";

const RESULT = graphql(`
  fragment ImportResult on ImportResult {
    counts {
      created
      updated
      unchanged
      ambiguous
      unknown
      skipped
      empty
      rejected
      createdCards
      createdReviews
      repeatedReviews
      omittedReviews
    }
    reportUrl
  }
`);

const COUNTS = [
  "createdCards",
  "createdReviews",
  "created",
  "updated",
  "unchanged",
  "ambiguous",
  "unknown",
  "skipped",
  "empty",
  "rejected",
  "repeatedReviews",
  "omittedReviews",
] as const;

/** What was imported, with the link to the report. Numbers that are 0 are omitted, except for that of new cards. */
export function Result(props: { result: FragmentType<typeof RESULT> }) {
  const text = useMessages(messages);
  const format = useFormat();
  const { counts, reportUrl } = readFragment(RESULT, props.result);
  return (
    <>
      <dl className="metrics">
        {COUNTS.filter((name) => counts[name] > 0 || name === "createdCards").map((name) => (
          <Metric key={name} label={text.counts[name]} value={format.number(counts[name])} name={name} />
        ))}
      </dl>
      {reportUrl && (
        <p>
          <a href={reportUrl} download>
            {text.report}
          </a>
        </p>
      )}
    </>
  );
}
