import { useId } from "react";
import { Link } from "wouter";
import { useSession } from "../../app/session";
import { messages as wordMessages } from "../../components/words/messages";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";
import { FURIGANA, type Furigana } from "./useFurigana";

/** Turns pages, and says what the marks of words mean. */
export function Toolbar({ number, pageCount, previous, next, furigana, setFurigana }: {
  number: number;
  pageCount: number;
  previous: string | undefined;
  next: string | undefined;
  furigana: Furigana;
  setFurigana: (choice: Furigana) => void;
}) {
  const text = useMessages(messages);
  const id = useId();
  return (
    <div className="reader-toolbar">
      <nav className="row" aria-label={text.pages}>
        <PageLink to={previous} label={text.previous} sign="←" />
        <span role="status">{text.page(number, pageCount)}</span>
        <PageLink to={next} label={text.next} sign="→" />
      </nav>
      <div className="row">
        <label htmlFor={id}>{text.furigana}</label>
        <select id={id} value={furigana} onChange={({ target }) => setFurigana(target.value as Furigana)}>
          {FURIGANA.map((choice) => (
            <option key={choice} value={choice}>
              {text.furiganaChoices[choice]}
            </option>
          ))}
        </select>
      </div>
      <Legend />
    </div>
  );
}

function PageLink({ to, label, sign }: { to: string | undefined; label: string; sign: string }) {
  if (!to) return <span className="page-link" aria-hidden="true" />;
  return (
    <Link className="page-link" href={to} aria-label={label}>
      {sign}
    </Link>
  );
}

function Legend() {
  const { states } = useMessages(wordMessages);
  const { user } = useSession();
  if (user === null) return null;
  return (
    <ul className="legend list row">
      {(["unknown", "learning", "known"] as const).map((state) => (
        <li key={state}>
          <span className="word" data-state={state}>
            {states[state]}
          </span>
        </li>
      ))}
    </ul>
  );
}
