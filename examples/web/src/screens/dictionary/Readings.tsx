import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

/** The readings of a kanji, by kind. */
export function Readings({ onyomi, kunyomi }: { onyomi: readonly string[]; kunyomi: readonly string[] }) {
  const text = useMessages(messages);
  return (
    <>
      <Kind label={text.onyomi} readings={onyomi} />
      <Kind label={text.kunyomi} readings={kunyomi} />
    </>
  );
}

function Kind({ label, readings }: { label: string; readings: readonly string[] }) {
  if (readings.length === 0) return null;
  return (
    <p>
      <span className="muted">{label}</span> <span lang="ja">{readings.join("、")}</span>
    </p>
  );
}
