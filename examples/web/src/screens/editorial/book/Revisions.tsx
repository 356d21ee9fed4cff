import { ActionNotice } from "../../../components/ActionNotice";
import { LoadMore } from "../../../components/LoadMore";
import { useAction } from "../../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { Diff } from "../Diff";
import { messages } from "./messages";

const REVISIONS = graphql(`
  fragment EditorialRevisions on Book {
    id
    version
    revisions(first: 10, after: $revisionsAfter) {
      nodes {
        revisionId
        at
        action
        author {
          id
          displayName
        }
        changes {
          field
          before
          after
          isShortened
        }
        isRevertible
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

const REVERT = graphql(`
  mutation RevertEditorialRevision($input: RevertBookRevisionInput!, $page: Int!, $revisionsAfter: String) {
    revertBookRevision(input: $input) {
      errors {
        code
        message
        path
      }
      book {
        id
        ...EditorialBookData
        ...EditorialPage
        ...EditorialRevisions
      }
    }
  }
`);

/** What was changed, newest first. */
export function Revisions({ page, loading, onLoad, ...props }: {
  book: FragmentType<typeof REVISIONS>;
  page: number;
  loading: boolean;
  onLoad: (after: string) => void;
}) {
  const text = useMessages(messages);
  const format = useFormat();
  const { version, revisions } = readFragment(REVISIONS, props.book);
  const [action, revert] = useAction(REVERT, (data) => data.revertBookRevision);
  if (!revisions) return null;
  return (
    <section className="panel editorial-section">
      <h3>{text.revisions}</h3>
      {revisions.nodes.length === 0 && <p className="muted">{text.noRevisions}</p>}
      <ActionNotice state={action} />
      <ol className="list editorial-list">
        {revisions.nodes.map(({ revisionId, at, action: done, author, changes, isRevertible }) => (
          <li key={revisionId}>
            <div className="row">
              <code>{done}</code>
              <span>{author?.displayName ?? text.system}</span>
              <time className="muted" dateTime={at}>
                {format.dateTime(at)}
              </time>
              {isRevertible && (
                <button
                  disabled={action.running}
                  onClick={() => void revert({ input: { revisionId, expectedVersion: version }, page })}
                >
                  {text.revert}
                </button>
              )}
            </div>
            <dl className="revision">
              {changes.map((change) => (
                <div key={change.field}>
                  <dt>{change.field}</dt>
                  <dd>
                    <Diff before={change.before} after={change.after} />
                    {change.isShortened && <span className="muted"> {text.excerpt}</span>}
                  </dd>
                </div>
              ))}
            </dl>
          </li>
        ))}
      </ol>
      <LoadMore pageInfo={revisions.pageInfo} loading={loading} onLoad={onLoad} />
    </section>
  );
}
