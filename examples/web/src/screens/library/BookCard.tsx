import { Link } from "wouter";
import { Level } from "../../components/Level";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useFormat } from "../../i18n/format";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

export const BOOK_CARD = graphql(`
  fragment BookCard on Book {
    id
    title
    titleReading
    author
    jlptLevel
    pageCount
    hasText
    coverUrl
    coverage {
      tokens {
        knownShare
      }
    }
    progress {
      id
      status
      percent
    }
  }
`);

export function BookCard(props: { book: FragmentType<typeof BOOK_CARD> }) {
  const text = useMessages(messages);
  const format = useFormat();
  const { id, title, titleReading, author, jlptLevel, pageCount, hasText, coverUrl, coverage, progress } = readFragment(
    BOOK_CARD,
    props.book,
  );
  return (
    <article className="book-card panel">
      <Cover title={title} url={coverUrl} />
      <div>
        <h2 lang="ja">
          <Link href={`/books/${id}`}>{title}</Link>
        </h2>
        <p className="muted" lang="ja">
          {titleReading} {author}
        </p>
        <p className="row">
          <Level level={jlptLevel} />
          <span className="muted">{hasText ? text.pages(pageCount) : text.noText}</span>
        </p>
        {coverage && <p>{text.coverage(format.percent(coverage.tokens.knownShare))}</p>}
        {progress && progress.status !== "NOT_STARTED" && (
          <p>
            <progress max={100} value={progress.percent} aria-label={text.statuses[progress.status]} />{" "}
            {progress.status === "FINISHED" ? text.statuses.FINISHED : text.progress(format.percent(progress.percent / 100))}
          </p>
        )}
      </div>
    </article>
  );
}

/** The title's first character in place of a missing image. */
function Cover({ title, url }: { title: string; url: string | null | undefined }) {
  if (url) return <img className="cover" src={url} alt="" loading="lazy" />;
  return (
    <span className="cover" lang="ja" aria-hidden="true">
      {[...title][0]}
    </span>
  );
}
