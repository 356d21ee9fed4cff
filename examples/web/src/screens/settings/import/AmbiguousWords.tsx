import { useState } from "react";
import { ActionNotice } from "../../../components/ActionNotice";
import { LoadMore } from "../../../components/LoadMore";
import { useAction } from "../../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import type { AmbiguousWordsFragment } from "../../../graphql/generated/graphql";
import { useMessages } from "../../../i18n/messages";
import { Select } from "../inputs";
import { messages } from "./messages";

const AMBIGUOUS_WORDS = graphql(`
  fragment AmbiguousWords on AmbiguousWordConnection {
    totalCount
    nodes {
      form
      reading
      noteCount
      isChosen
      choice {
        id
      }
      candidates {
        id
        word
        reading
        meanings
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
`);

const CHOOSE_IMPORT_WORDS = graphql(`
  mutation ChooseImportWords($input: ChooseImportWordsInput!) {
    chooseImportWords(input: $input) {
      errors {
        code
        message
        path
      }
    }
  }
`);

type Word = AmbiguousWordsFragment["nodes"][number];

// Values of the menu that are no id of a word.
const NONE = "";
const OWN = "own";

/** Words that several entries of the dictionary have. Each choice is saved when it is made. */
export function AmbiguousWords({ id, loading, onLoad, ...props }: {
  /** The id of the import. */
  id: string;
  words: FragmentType<typeof AMBIGUOUS_WORDS>;
  loading: boolean;
  onLoad: (after: string) => void;
}) {
  const text = useMessages(messages);
  const { totalCount, nodes, pageInfo } = readFragment(AMBIGUOUS_WORDS, props.words);
  const [state, choose] = useAction(CHOOSE_IMPORT_WORDS, (data) => data.chooseImportWords);
  const save = ({ form, reading }: Word, choice: string) =>
    choose({ input: { id, choices: [{ form, reading, vocabularyId: choice === OWN ? null : choice }] } });
  if (totalCount === 0) return null;
  return (
    <section className="panel" aria-label={text.ambiguousWords}>
      <h2>{text.ambiguousWords}</h2>
      <p className="muted">{text.ambiguousHint}</p>
      <ActionNotice state={state} />
      <div className="fields">
        {nodes.map((word) => (
          <Choice key={`${word.form} ${word.reading ?? ""}`} word={word} onChoose={(choice) => void save(word, choice)} />
        ))}
      </div>
      <LoadMore pageInfo={pageInfo} loading={loading} onLoad={onLoad} />
    </section>
  );
}

function Choice({ word, onChoose }: { word: Word; onChoose: (choice: string) => void }) {
  const text = useMessages(messages);
  const [chosen, setChosen] = useState(word.isChosen ? (word.choice?.id ?? OWN) : NONE);
  const entries = word.candidates.map(({ id, word: entry, reading, meanings }) => [id, `${entry}（${reading}） ${meanings.slice(0, 2).join("; ")}`]);
  // A choice cannot be removed, only replaced.
  const options: Record<string, string> = { ...(chosen === NONE && { [NONE]: text.notChosen }), ...Object.fromEntries(entries), [OWN]: text.ownWord };
  return (
    <Select
      label={text.wordOfNotes(word.reading ? `${word.form}（${word.reading}）` : word.form, word.noteCount)}
      value={chosen}
      options={options}
      onChange={(choice) => {
        setChosen(choice);
        onChoose(choice);
      }}
    />
  );
}
