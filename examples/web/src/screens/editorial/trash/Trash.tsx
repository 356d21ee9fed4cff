import { useState } from "react";
import { useQuery } from "urql";
import { Field } from "../../../components/Field";
import { LoadMore } from "../../../components/LoadMore";
import { useCursor } from "../../../components/useCursor";
import { graphql } from "../../../graphql/generated";
import type { DeletedType } from "../../../graphql/generated/graphql";
import { useMessages } from "../../../i18n/messages";
import { EditorialScreen } from "../EditorialScreen";
import { DeletedItem } from "./DeletedItem";
import { messages } from "./messages";

const TRASH = graphql(`
  query EditorialTrash($type: DeletedType!, $after: String) {
    viewer {
      id
      ...Shell
    }
    editorial {
      deleted(type: $type, first: 20, after: $after) {
        nodes {
          objectId
          ...EditorialDeleted
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

const TYPES: readonly DeletedType[] = ["BOOK", "TEXTBOOK", "CHAPTER"];

/** Deleted books, textbooks and chapters, which can be restored for 30 days. */
export default function Trash() {
  const text = useMessages(messages);
  const [type, setType] = useState<DeletedType>("BOOK");
  const [after, setAfter] = useCursor(type);
  const [result, reload] = useQuery({ query: TRASH, variables: { type, after } });
  return (
    <EditorialScreen state={result} onRetry={reload}>
      {({ editorial }) => (
        <div className="editorial">
          <Field label={text.type}>
            {(control) => (
              <select
                {...control}
                value={type}
                onChange={({ target }) => setType(target.value as DeletedType)}
              >
                {TYPES.map((one) => (
                  <option key={one} value={one}>
                    {text.types[one]}
                  </option>
                ))}
              </select>
            )}
          </Field>
          {editorial?.deleted && (
            <>
              {editorial.deleted.nodes.length === 0 && <p role="status">{text.none}</p>}
              <ul className="list editorial-list">
                {editorial.deleted.nodes.map((one) => (
                  <DeletedItem key={one.objectId} deleted={one} />
                ))}
              </ul>
              <LoadMore pageInfo={editorial.deleted.pageInfo} loading={result.fetching} onLoad={setAfter} />
            </>
          )}
        </div>
      )}
    </EditorialScreen>
  );
}
