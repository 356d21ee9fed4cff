import { Field } from "../../../components/Field";
import { LEVELS } from "../../../components/levels";
import { SearchInput } from "../../../components/SearchInput";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";
import { MAX_STROKES, type useKanjiFilter } from "./useKanjiFilter";

type Filter = ReturnType<typeof useKanjiFilter>;

export function KanjiFilters({ values, choose }: Pick<Filter, "values" | "choose">) {
  const text = useMessages(messages);
  return (
    <form role="search" className="filters panel" aria-label={text.filters} onSubmit={(event) => event.preventDefault()}>
      <SearchInput label={text.reading} value={values.reading} placeholder="みず, mizu" onChange={(value) => choose("reading", value)} />
      <SearchInput label={text.meaning} value={values.meaning} placeholder="water" onChange={(value) => choose("meaning", value)} />
      <SearchInput
        label={text.component}
        value={values.component}
        placeholder="氵"
        lang="ja"
        onChange={(value) => choose("component", value)}
      />
      <Strokes label={text.minStrokes} value={values.min} onChange={(value) => choose("min", value)} />
      <Strokes label={text.maxStrokes} value={values.max} onChange={(value) => choose("max", value)} />
      <Field label={text.level}>
        {(control) => (
          <select {...control} value={values.level ?? ""} onChange={({ target }) => choose("level", target.value)}>
            <option value="">{text.allLevels}</option>
            {LEVELS.map((level) => (
              <option key={level}>{level}</option>
            ))}
          </select>
        )}
      </Field>
    </form>
  );
}

function Strokes({ label, value, onChange }: { label: string; value: number | undefined; onChange: (value: string) => void }) {
  return (
    <Field label={label}>
      {(control) => (
        <input
          {...control}
          type="number"
          min={1}
          max={MAX_STROKES}
          value={value ?? ""}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </Field>
  );
}
