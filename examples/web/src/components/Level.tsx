import { useMessages } from "../i18n/messages";
import { messages } from "./messages";
import "./level.css";

/** The JLPT level of a word or a book. Nothing for those of no list. */
export function Level({ level }: { level: string | null | undefined }) {
  const text = useMessages(messages);
  if (!level) return null;
  return (
    <span className="level">
      <span className="visually-hidden">{text.level} </span>
      {level}
    </span>
  );
}
