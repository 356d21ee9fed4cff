import { useQuery } from "urql";
import { Link, useParams } from "wouter";
import { ErrorNotice } from "../../components/ErrorNotice";
import { Level } from "../../components/Level";
import { Heading } from "../../components/Heading";
import { ScreenError } from "../../components/ScreenError";
import { Spinner } from "../../components/Spinner";
import { graphql } from "../../graphql/generated";
import { useFormat } from "../../i18n/format";
import { languageOf } from "../../i18n/languageOf";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";
import { Topics } from "./Topics";
import "./textbooks.css";

const TEXTBOOK = graphql(`
  query Textbook($id: ID!) {
    viewer {
      id
      ...Shell
    }
    textbook(id: $id) {
      id
      title
      description
      jlptLevel
      topics
      status
      progress {
        id
        chapterCount
        chaptersRead
        exerciseCount
        exercisesDone
        score
      }
      chapters {
        id
        position
        title
        summary
        progress {
          id
          isRead
          exerciseCount
          exercisesDone
        }
      }
    }
  }
`);

export default function Textbook() {
  const text = useMessages(messages);
  const format = useFormat();
  const { id = "" } = useParams();
  const [{ data, error, fetching }, reload] = useQuery({ query: TEXTBOOK, variables: { id } });
  if (!data) return error ? <ScreenError error={error} onRetry={reload} /> : fetching && <Spinner />;
  const { textbook } = data;
  if (!textbook) return error ? <ScreenError error={error} onRetry={reload} /> : <Heading title={text.noTextbook} />;
  const { progress, chapters } = textbook;
  return (
    <>
      <Heading lang={languageOf(textbook.title)} title={textbook.title} />
      {error && <ErrorNotice error={error} onRetry={reload} />}
      <p className="muted">
        <Level level={textbook.jlptLevel} /> <Topics topics={textbook.topics} />
        {textbook.status !== "READY" && ` · ${text.statuses[textbook.status]}`}
      </p>
      <p lang="en">{textbook.description}</p>
      {progress && (
        <p>
          {format.list([
            text.read(progress.chaptersRead, progress.chapterCount),
            text.done(progress.exercisesDone, progress.exerciseCount),
            ...(typeof progress.score === "number" ? [text.score(format.percent(progress.score))] : []),
          ])}
        </p>
      )}
      <ol className="list textbook-chapters">
        {chapters.map(({ id: chapterId, position, title, summary, progress }) => (
          <li key={chapterId} className="panel">
            <h2>
              {position}. <Link lang={languageOf(title)} href={`/textbooks/${id}/${chapterId}`}>{title}</Link>
              {progress?.isRead && <span className="textbook-read"> ✓ {text.isRead}</span>}
            </h2>
            <p lang="en">{summary}</p>
            {progress && progress.exercisesDone > 0 && <p className="muted">{text.done(progress.exercisesDone, progress.exerciseCount)}</p>}
          </li>
        ))}
      </ol>
    </>
  );
}
