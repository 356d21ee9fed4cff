import { Link } from "wouter";
import { Level } from "../../components/Level";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { languageOf } from "../../i18n/languageOf";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";
import { Topics } from "./Topics";

const ITEM = graphql(`
  fragment TextbookItem on Textbook {
    id
    title
    jlptLevel
    topics
    status
    isPublic
    chapterCount
    progress {
      id
      chaptersRead
      chapterCount
    }
  }
`);

export function TextbookItem(props: { textbook: FragmentType<typeof ITEM> }) {
  const text = useMessages(messages);
  const { id, title, jlptLevel, topics, status, isPublic, chapterCount, progress } = readFragment(ITEM, props.textbook);
  return (
    <li className="panel" data-textbook={id}>
      <h2>
        <Link lang={languageOf(title)} href={`/textbooks/${id}`}>{title}</Link>
      </h2>
      <p className="muted">
        <Level level={jlptLevel} /> {text.chapters(chapterCount)}
        {!isPublic && ` · ${text.private}`}
        {status !== "READY" && ` · ${text.statuses[status]}`}
      </p>
      <p>
        <Topics topics={topics} />
      </p>
      {progress && progress.chaptersRead > 0 && (
        <progress max={progress.chapterCount} value={progress.chaptersRead} aria-label={text.read(progress.chaptersRead, progress.chapterCount)} />
      )}
    </li>
  );
}
