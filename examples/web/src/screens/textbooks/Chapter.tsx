import { useQuery } from "urql";
import { Link, useParams } from "wouter";
import { ActionNotice } from "../../components/ActionNotice";
import { ErrorNotice } from "../../components/ErrorNotice";
import { Heading } from "../../components/Heading";
import { ScreenError } from "../../components/ScreenError";
import { Spinner } from "../../components/Spinner";
import { useAction } from "../../components/useAction";
import { graphql } from "../../graphql/generated";
import { languageOf } from "../../i18n/languageOf";
import { useMessages } from "../../i18n/messages";
import { readableContent } from "./content";
import { Exercise } from "./Exercise";
import { Markdown } from "./Markdown";
import { messages } from "./messages";
import { Neighbours } from "./Neighbours";
import { Words } from "./Words";
import "./textbooks.css";

const CHAPTER = graphql(`
  query Chapter($id: ID!) {
    viewer {
      id
      ...Shell
    }
    node(id: $id) {
      ... on Chapter {
        id
        position
        title
        summary
        content
        ...Words
        exercises {
          id
          ...Exercise
        }
        progress {
          id
          isRead
        }
        ...Neighbours
        textbook {
          id
          title
        }
      }
    }
  }
`);

const MARK_READ = graphql(`
  mutation UpdateChapterProgress($input: UpdateChapterProgressInput!) {
    updateChapterProgress(input: $input) {
      errors {
        code
        message
        path
      }
      chapter {
        id
        progress {
          id
          isRead
        }
        textbook {
          id
          progress {
            id
            chaptersRead
          }
        }
      }
    }
  }
`);

export default function Chapter() {
  const text = useMessages(messages);
  const { chapterId = "" } = useParams();
  const [{ data, error, fetching }, reload] = useQuery({ query: CHAPTER, variables: { id: chapterId } });
  const [marking, mark] = useAction(MARK_READ, (data) => data.updateChapterProgress);
  if (!data) return error ? <ScreenError error={error} onRetry={reload} /> : fetching && <Spinner />;
  const chapter = data.node;
  if (chapter?.__typename !== "Chapter") {
    return error ? <ScreenError error={error} onRetry={reload} /> : <Heading title={text.noChapter} />;
  }
  const { introduction, sections } = readableContent(chapter.content);
  const isRead = chapter.progress?.isRead ?? false;
  return (
    <article className="chapter">
      <p>
        <Link lang={languageOf(chapter.textbook.title)} href={`/textbooks/${chapter.textbook.id}`}>{chapter.textbook.title}</Link>
      </p>
      <Heading lang={languageOf(chapter.title)} title={`${chapter.position}. ${chapter.title}`} />
      {error && <ErrorNotice error={error} onRetry={reload} />}
      <Markdown source={introduction} />
      <Words chapter={chapter} />
      <Markdown source={sections} />
      {chapter.exercises.length > 0 && <h2>{text.exercises}</h2>}
      {chapter.exercises.map((exercise) => (
        <Exercise key={exercise.id} exercise={exercise} canAnswer={data.viewer !== null} />
      ))}
      {data.viewer && (
        <button className={isRead ? "" : "primary"} disabled={marking.running} onClick={() => void mark({ input: { chapterId, isRead: !isRead } })}>
          {isRead ? text.markUnread : text.markRead}
        </button>
      )}
      <ActionNotice state={marking} />
      <Neighbours chapter={chapter} />
    </article>
  );
}
