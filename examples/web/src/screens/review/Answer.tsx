import type { StudyCardFragment } from "../../graphql/generated/graphql";
import { useMessages } from "../../i18n/messages";
import type { Face } from "./face";
import { messages } from "./messages";

export function Answer({ card, face }: { card: StudyCardFragment; face: Face }) {
  const text = useMessages(messages);
  return (
    <div className="review-answer" aria-live="polite">
      {card.kind === "RECALL" && (
        <p className="review-question" lang="ja">
          {face.word}
        </p>
      )}
      {face.readings.length > 0 && (
        <p className="review-reading" lang="ja">
          {face.readings.join("、")}
        </p>
      )}
      {card.kind !== "RECALL" && <p lang="en">{face.meanings.join("; ")}</p>}
      {face.examples.length > 0 && (
        <ul className="list muted">
          {face.examples.map(({ japanese, english }) => (
            <li key={japanese}>
              <span lang="ja">{japanese}</span> <span lang="en">{english}</span>
            </li>
          ))}
        </ul>
      )}
      {card.leech && <p className="review-leech">{text.isLeech(card.lapses)}</p>}
    </div>
  );
}
