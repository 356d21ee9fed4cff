import type { TopicFragment } from "../../graphql/generated/graphql";
import { useLanguage } from "../../i18n/language";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

interface Props {
  topics: readonly TopicFragment[];
  /** Names of chosen topics. */
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
}

/** The topics of a level, with the number of words that it has about each. */
export function TopicChoice({ topics, chosen, onChange }: Props) {
  const text = useMessages(messages);
  const { language } = useLanguage();
  return (
    <fieldset>
      <legend>{text.topics}</legend>
      {topics.map(({ name, japaneseName, wordCount }) => (
        <label key={name} className="check">
          <input
            type="checkbox"
            checked={chosen.includes(name)}
            onChange={({ target }) => onChange(target.checked ? [...chosen, name] : chosen.filter((other) => other !== name))}
          />
          {language === "ja" ? japaneseName : name} <span className="muted">{text.wordCount(wordCount)}</span>
        </label>
      ))}
    </fieldset>
  );
}
