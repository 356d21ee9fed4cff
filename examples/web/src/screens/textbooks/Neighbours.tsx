import { Link } from "wouter";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { languageOf } from "../../i18n/languageOf";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

const NEIGHBOURS = graphql(`
  fragment Neighbours on Chapter {
    id
    position
    textbook {
      id
      chapters {
        id
        position
        title
      }
    }
  }
`);

/** Links to the chapters before and after one. */
export function Neighbours(props: { chapter: FragmentType<typeof NEIGHBOURS> }) {
  const text = useMessages(messages);
  const { position, textbook } = readFragment(NEIGHBOURS, props.chapter);
  const link = (other: number, rel: "prev" | "next") => {
    const chapter = textbook.chapters.find((chapter) => chapter.position === other);
    return (
      chapter && (
        <Link rel={rel} lang={languageOf(chapter.title)} href={`/textbooks/${textbook.id}/${chapter.id}`}>
          {chapter.position}. {chapter.title}
        </Link>
      )
    );
  };
  return (
    <nav className="row chapter-neighbours" aria-label={text.otherChapters}>
      <span>{link(position - 1, "prev")}</span>
      <span>{link(position + 1, "next")}</span>
    </nav>
  );
}
