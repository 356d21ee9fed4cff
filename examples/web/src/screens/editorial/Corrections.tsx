import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";
import { Correction } from "./words/Correction";

const LIST = graphql(`
  fragment EditorialCorrections on Correction {
    id
    ...EditorialCorrection
  }
`);

/** The corrections of one object, with those of the past. */
export function Corrections(props: { corrections: readonly FragmentType<typeof LIST>[] }) {
  const text = useMessages(messages);
  const corrections = readFragment(LIST, props.corrections);
  return (
    <section className="panel editorial-section">
      <h3>{text.corrections}</h3>
      {corrections.length === 0 && <p className="muted">{text.uncorrected}</p>}
      <ul className="list editorial-list">
        {corrections.map((correction) => (
          <Correction key={correction.id} correction={correction} />
        ))}
      </ul>
    </section>
  );
}
