import { Metric } from "../../../components/Metric";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";

const ANALYSIS = graphql(`
  fragment Analysis on ImportAnalysis {
    noteCount
    cardCount
    reviewCount
    exactCount
    formCount
    ambiguousCount
    unknownCount
    warnings
    unknownWords {
      form
      reading
    }
  }
`);

/** What is in the file, and how much of it the dictionary has. */
export function Analysis(props: { analysis: FragmentType<typeof ANALYSIS> }) {
  const text = useMessages(messages);
  const format = useFormat();
  const analysis = readFragment(ANALYSIS, props.analysis);
  return (
    <section className="panel" aria-label={text.analysis}>
      <h2>{text.analysis}</h2>
      <dl className="metrics">
        <Metric label={text.notes} value={format.number(analysis.noteCount)} name="notes" />
        <Metric label={text.cards} value={format.number(analysis.cardCount)} name="cards" />
        <Metric label={text.reviews} value={format.number(analysis.reviewCount)} name="reviews" />
        <Metric label={text.found} value={format.number(analysis.exactCount + analysis.formCount)} name="found" />
        <Metric label={text.ambiguous} value={format.number(analysis.ambiguousCount)} name="ambiguous" />
        <Metric label={text.unknown} value={format.number(analysis.unknownCount)} name="unknown" />
      </dl>
      {analysis.warnings.length > 0 && (
        <ul>
          {analysis.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      {analysis.unknownWords.length > 0 && (
        <details>
          <summary>{text.unknownWords}</summary>
          <p lang="ja">{analysis.unknownWords.map(({ form, reading }) => (reading ? `${form}（${reading}）` : form)).join("、")}</p>
        </details>
      )}
    </section>
  );
}
