import { ActionNotice } from "../../../components/ActionNotice";
import { useAction } from "../../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";

const DELETED = graphql(`
  fragment EditorialDeleted on DeletedObject {
    objectId
    type
    title
    version
    deletedAt
    purgedAt
  }
`);

const RESTORE_BOOK = graphql(`
  mutation RestoreEditorialBook($input: RestoreBookInput!) {
    restoreBook(input: $input) {
      errors {
        code
        message
        path
      }
      book {
        id
      }
    }
  }
`);

const RESTORE_TEXTBOOK = graphql(`
  mutation RestoreEditorialTextbook($input: RestoreTextbookInput!) {
    restoreTextbook(input: $input) {
      errors {
        code
        message
        path
      }
      textbook {
        id
      }
    }
  }
`);

const RESTORE_CHAPTER = graphql(`
  mutation RestoreEditorialChapter($input: RestoreChapterInput!) {
    restoreChapter(input: $input) {
      errors {
        code
        message
        path
      }
      chapter {
        id
      }
    }
  }
`);

/** A deleted object. The cache removes it from the list when it is restored. */
export function DeletedItem(props: { deleted: FragmentType<typeof DELETED> }) {
  const text = useMessages(messages);
  const format = useFormat();
  const { objectId, type, title, version, deletedAt, purgedAt } = readFragment(DELETED, props.deleted);
  const actions = {
    BOOK: useAction(RESTORE_BOOK, (data) => data.restoreBook),
    TEXTBOOK: useAction(RESTORE_TEXTBOOK, (data) => data.restoreTextbook),
    CHAPTER: useAction(RESTORE_CHAPTER, (data) => data.restoreChapter),
  };
  const [action, restore] = actions[type];
  return (
    <li>
      <div className="row">
        <strong lang="ja">{title}</strong>
        <button disabled={action.running} onClick={() => void restore({ input: { id: objectId, expectedVersion: version } })}>
          {text.restore}
        </button>
      </div>
      <p className="muted">{text.times(format.dateTime(deletedAt), format.dateTime(purgedAt))}</p>
      <ActionNotice state={action} />
    </li>
  );
}
