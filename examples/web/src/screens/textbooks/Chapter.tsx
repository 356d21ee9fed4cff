import { useMutation, useQuery } from "urql";
import { Link, useParams } from "wouter";
import { ErrorNotice } from "../../components/ErrorNotice";
import { Heading } from "../../components/Heading";
import { Notice } from "../../components/Notice";
import { Spinner } from "../../components/Spinner";
import { graphql } from "../../graphql/generated";
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
  const [{ data: marked, error: markError, fetching: isMarking }, mark] = useMutation(MARK_READ);
  if (!data) return error ? <ErrorNotice error={error} onRetry={reload} /> : fetching && <Spinner />;
  const chapter = data.node;
  if (chapter?.__typename !== "Chapter") {
    return error ? <ErrorNotice error={error} onRetry={reload} /> : <Notice>{text.noChapter}</Notice>;
  }
  const { introduction, sections } = readableContent(chapter.content);
  const isRead = chapter.progress?.isRead ?? false;
  const userError = marked?.updateChapterProgress?.errors[0];
  return (
    <article className="chapter">
      <p>
        <Link href={`/textbooks/${chapter.textbook.id}`}>{chapter.textbook.title}</Link>
      </p>
      <Heading title={`${chapter.position}. ${chapter.title}`} />
      {error && <ErrorNotice error={error} onRetry={reload} />}
      <Markdown source={introduction} />
      <Words chapter={chapter} />
      <Markdown source={sections} />
      {chapter.exercises.length > 0 && <h2>{text.exercises}</h2>}
      {chapter.exercises.map((exercise) => (
        <Exercise key={exercise.id} exercise={exercise} canAnswer={data.viewer !== null} />
      ))}
      {data.viewer && (
        <button className={isRead ? "" : "primary"} disabled={isMarking} onClick={() => void mark({ input: { chapterId, isRead: !isRead } })}>
          {isRead ? text.markUnread : text.markRead}
        </button>
      )}
      {userError && <p role="alert">{userError.message}</p>}
      {markError && <ErrorNotice error={markError} />}
      <Neighbours chapter={chapter} />
    </article>
  );
}
