import { useState } from "react";
import { ActionNotice } from "../../components/ActionNotice";
import { Field } from "../../components/Field";
import { errorOf as findError, useAction } from "../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useMessages } from "../../i18n/messages";
import { LEVELS } from "../../components/levels";
import type { JlptLevel } from "../../graphql/generated/graphql";
import { messages } from "./messages";
import { TOPIC } from "./operations";
import { TopicChoice } from "./TopicChoice";

const GENERATE_TEXTBOOK = graphql(`
  mutation GenerateTextbook($input: GenerateTextbookInput!) {
    generateTextbook(input: $input) {
      errors {
        code
        message
        path
      }
      job {
        id
      }
      viewer {
        id
        ...Generations
      }
    }
  }
`);

const MAX_CHAPTERS = 50;
const FIELDS = ["title", "jlptLevel", "topics", "numberOfChapters"] as const;

interface Props {
  level: JlptLevel;
  topics: readonly FragmentType<typeof TOPIC>[];
  onLevel: (level: JlptLevel) => void;
}

export function GenerateForm({ level, topics, onLevel }: Props) {
  const text = useMessages(messages);
  const [title, setTitle] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [other, setOther] = useState("");
  const [numberOfChapters, setNumberOfChapters] = useState(4);
  // The same until a textbook is generated: sent again, the request generates one.
  const [idempotencyKey, setKey] = useState(() => crypto.randomUUID());
  const [state, generate] = useAction(GENERATE_TEXTBOOK, (data) => data.generateTextbook);
  const errorOf = (field: (typeof FIELDS)[number]) => findError(state, field);
  const names = [...chosen, ...other.split(/[,、]/).flatMap((name) => name.trim() || [])];

  async function submit() {
    const generated = await generate({ input: { title, jlptLevel: level, topics: names, numberOfChapters, idempotencyKey } });
    if (!generated) return;
    setKey(crypto.randomUUID());
    setTitle("");
  }

  return (
    <form
      className="panel generate"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Field label={text.title} error={errorOf("title")}>
        {(control) => <input {...control} value={title} required maxLength={500} onChange={({ target }) => setTitle(target.value)} />}
      </Field>
      <Field label={text.level} error={errorOf("jlptLevel")}>
        {(control) => (
          <select
            {...control}
            value={level}
            onChange={({ target }) => {
              onLevel(target.value as JlptLevel);
              setChosen([]);
            }}
          >
            {LEVELS.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
      </Field>
      <TopicChoice topics={readFragment(TOPIC, topics)} chosen={chosen} onChange={setChosen} />
      <Field label={text.otherTopics} error={errorOf("topics")}>
        {(control) => <input {...control} value={other} onChange={({ target }) => setOther(target.value)} />}
      </Field>
      <Field label={text.chapterCount} error={errorOf("numberOfChapters")}>
        {(control) => (
          <input
            {...control}
            type="number"
            min={1}
            max={MAX_CHAPTERS}
            value={numberOfChapters}
            onChange={({ target }) => setNumberOfChapters(target.valueAsNumber || 1)}
          />
        )}
      </Field>
      <ActionNotice state={state} fields={FIELDS} />
      <button className="primary" disabled={state.running || names.length === 0}>
        {text.generate}
      </button>
    </form>
  );
}
