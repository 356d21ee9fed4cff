import { Link } from "wouter";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

const CONTINUE = graphql(`
  fragment Continue on ContinuePoint {
    dueCards
    book {
      id
      currentPage
      percent
      book {
        id
        title
        pageCount
      }
    }
    chapter {
      id
      position
      title
      textbook {
        id
        title
      }
    }
  }
`);

/** Where the learner stopped: the study session, a book and a chapter. */
export function Continue(props: { point: FragmentType<typeof CONTINUE> }) {
  const text = useMessages(messages);
  const { dueCards, book, chapter } = readFragment(CONTINUE, props.point);
  return (
    <section className="panel" aria-label={text.continue}>
      <h2>{text.continue}</h2>
      <ul className="list">
        <li>
          <Link href="/review">{text.study(dueCards)}</Link>
        </li>
        {book && (
          <li>
            <Link href={`/books/${book.book.id}/${book.currentPage}`}>
              <span lang="ja">{book.book.title}</span>
            </Link>{" "}
            <span className="muted">{text.page(book.currentPage, book.book.pageCount)}</span>
          </li>
        )}
        {chapter && (
          <li>
            <Link href={`/textbooks/${chapter.textbook.id}/${chapter.id}`}>{chapter.textbook.title}</Link>{" "}
            <span className="muted">
              {text.chapter(chapter.position)}: {chapter.title}
            </span>
          </li>
        )}
      </ul>
    </section>
  );
}
