import { Link } from "wouter";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";

const OBJECT = graphql(`
  fragment ReportedObject on Report {
    id
    type
    page
    object {
      id
      ... on Vocabulary {
        id
        word
      }
      ... on Kanji {
        id
        character
      }
      ... on Book {
        id
        title
      }
      ... on Chapter {
        id
        title
      }
      ... on Exercise {
        id
        title
      }
    }
  }
`);

/** What a report is about, with a link to where it is corrected. */
export function ReportedObject(props: { report: FragmentType<typeof OBJECT> }) {
  const text = useMessages(messages);
  const { type, page, object } = readFragment(OBJECT, props.report);
  const kind = text.types[type];
  if (object?.__typename === "Vocabulary") {
    return (
      <span>
        {kind}:{" "}
        <Link href={`/editorial/words/${object.id}`} lang="ja">
          {object.word}
        </Link>
      </span>
    );
  }
  if (object?.__typename === "Book") {
    return (
      <span>
        {kind}:{" "}
        <Link href={`/editorial/books/${object.id}?page=${page ?? 1}`}>
          <span lang="ja">{object.title}</span> {page}
        </Link>
      </span>
    );
  }
  const title = object && ("title" in object ? object.title : "character" in object ? object.character : null);
  return (
    <span>
      {kind}: <span lang="ja">{title ?? text.deleted}</span>
    </span>
  );
}
