import { Link } from "wouter";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";

const BOOK_ITEM = graphql(`
  fragment EditorialBookItem on Book {
    id
    title
    author
    jlptLevel
    pageCount
    publishedAt
    publishAt
  }
`);

export function BookItem(props: { book: FragmentType<typeof BOOK_ITEM> }) {
  const text = useMessages(messages);
  const format = useFormat();
  const { id, title, author, jlptLevel, pageCount, publishedAt, publishAt } = readFragment(BOOK_ITEM, props.book);
  return (
    <li>
      <Link href={`/editorial/books/${id}`} lang="ja">
        {title}
      </Link>{" "}
      {!publishedAt && <span className="badge">{publishAt ? text.scheduled(format.dateTime(publishAt)) : text.draft}</span>}
      <p className="muted">
        <span lang="ja">{author}</span> · {jlptLevel} · {text.pages(pageCount)}
      </p>
    </li>
  );
}
