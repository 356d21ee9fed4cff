import { useMessages } from "../../i18n/messages";
import { LEVELS } from "../../components/levels";
import type { JlptLevel } from "../../graphql/generated/graphql";
import { messages } from "./messages";

/** The filter of a list by level; null: all levels. */
export function LevelSelect({ level, onChange }: { level: JlptLevel | null; onChange: (level: JlptLevel | null) => void }) {
  const text = useMessages(messages);
  return (
    <label>
      {text.level}{" "}
      <select value={level ?? ""} onChange={({ target }) => onChange(LEVELS.find((name) => name === target.value) ?? null)}>
        <option value="">{text.allLevels}</option>
        {LEVELS.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}
