import { Link } from "wouter";
import { ActionNotice } from "../../../components/ActionNotice";
import { ConfirmButton } from "../../../components/ConfirmButton";
import { useAction } from "../../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { Diff } from "../Diff";
import { messages } from "./messages";

const CORRECTION = graphql(`
  fragment EditorialCorrection on Correction {
    id
    kind
    state
    version
    source
    note
    sentence
    updatedAt
    author {
      id
      displayName
    }
    vocabulary {
      id
      word
    }
    kanji {
      id
      character
    }
    fields {
      name
      release
      corrected
    }
  }
`);

// The values are those of the release again.
const REVERT = graphql(`
  mutation RevertEditorialCorrection($input: RevertCorrectionInput!) {
    revertCorrection(input: $input) {
      errors {
        code
        message
        path
      }
      correction {
        id
        ...EditorialCorrection
        vocabulary {
          id
          ...EditorialWord
          examples {
            position
            ...EditorialSentence
          }
          ...SentenceVersions
        }
        kanji {
          id
          ...EditorialKanjiData
        }
      }
    }
  }
`);

/** A correction, with the values of the release and of the editor. `linked`: with a link to its word or kanji. */
export function Correction({ linked = false, ...props }: { correction: FragmentType<typeof CORRECTION>; linked?: boolean }) {
  const text = useMessages(messages);
  const format = useFormat();
  const { id, kind, state, version, source, note, sentence, updatedAt, author, vocabulary, kanji, fields } = readFragment(
    CORRECTION,
    props.correction,
  );
  const [action, revert] = useAction(REVERT, (data) => data.revertCorrection);
  return (
    <li>
      <div className="row">
        <strong lang="ja">
          {vocabulary && linked ? <Link href={`/editorial/words/${vocabulary.id}`}>{vocabulary.word}</Link> : vocabulary?.word}
          {kanji && linked ? <Link href={`/editorial/kanji/${kanji.id}`}>{kanji.character}</Link> : kanji?.character} {sentence}
        </strong>
        <span>{text.kinds[kind]}</span>
        <span className="badge">{text.states[state]}</span>
        <span>{author?.displayName}</span>
        <time className="muted" dateTime={updatedAt}>
          {format.dateTime(updatedAt)}
        </time>
      </div>
      <p className="muted">
        {text.source}: {source}
        {note && ` – ${note}`}
      </p>
      <dl className="revision">
        {fields.map(({ name, release, corrected }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Diff before={release} after={corrected} />
            </dd>
          </div>
        ))}
      </dl>
      <ActionNotice state={action} />
      {state === "ACTIVE" && (
        <div>
          <ConfirmButton
            label={text.revert}
            question={text.revertQuestion}
            disabled={action.running}
            onConfirm={() => void revert({ input: { id, expectedVersion: version } })}
          />
        </div>
      )}
    </li>
  );
}
