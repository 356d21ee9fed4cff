import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useFormat } from "../../i18n/format";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

const COVERAGE = graphql(`
  fragment Coverage on BookCoverage {
    tokens {
      knownShare
      learningShare
      unknownShare
    }
  }
`);

/** How much of the text the viewer knows, as numbers and as a bar. */
export function Coverage(props: { coverage: FragmentType<typeof COVERAGE> }) {
  const text = useMessages(messages);
  const format = useFormat();
  const { knownShare, learningShare, unknownShare } = readFragment(COVERAGE, props.coverage).tokens;
  const shares = [
    ["known", text.known, knownShare],
    ["learning", text.learning, learningShare],
    ["unknown", text.unknown, unknownShare],
  ] as const;
  return (
    <section className="panel">
      <h2>{text.coverage}</h2>
      <div className="coverage-bar" aria-hidden="true">
        {shares.map(([state, , share]) => (
          <span key={state} data-state={state} style={{ inlineSize: `${100 * share}%` }} />
        ))}
      </div>
      <dl className="coverage">
        {shares.map(([state, label, share]) => (
          <div key={state} data-state={state}>
            <dt>{label}</dt>
            <dd>{format.percent(share)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
