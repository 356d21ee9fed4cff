import { DataTable } from "../../../components/DataTable";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";

const COHORTS = graphql(`
  fragment AdminCohorts on Analytics {
    cohorts {
      week
      learners
      retention
    }
  }
`);

const WEEKS = [0, 1, 2, 4, 8, 12] as const;

/** How many of the learners who signed up in a week still study. */
export function Cohorts(props: { analytics: FragmentType<typeof COHORTS> }) {
  const text = useMessages(messages);
  const format = useFormat();
  const { cohorts } = readFragment(COHORTS, props.analytics);
  return (
    <section className="panel">
      <h2>{text.cohorts}</h2>
      <DataTable
        label={text.cohorts}
        rows={cohorts}
        keyOf={({ week }) => week}
        columns={[
          { label: text.week, cell: ({ week }) => format.date(week) },
          { label: text.new, cell: ({ learners }) => format.number(learners) },
          ...WEEKS.map((week) => ({
            label: text.afterWeeks(week),
            cell: ({ retention }: (typeof cohorts)[number]) => {
              const share = retention[week];
              return share === undefined ? "" : format.percent(share);
            },
          })),
        ]}
      />
    </section>
  );
}
