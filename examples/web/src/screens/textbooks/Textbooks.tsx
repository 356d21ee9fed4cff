import { useState } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { ErrorNotice } from "../../components/ErrorNotice";
import { LoadMore } from "../../components/LoadMore";
import { Heading } from "../../components/Heading";
import { Notice } from "../../components/Notice";
import { Spinner } from "../../components/Spinner";
import { useCursor } from "../../components/useCursor";
import { graphql } from "../../graphql/generated";
import { useMessages } from "../../i18n/messages";
import { LevelSelect } from "./LevelSelect";
import type { JlptLevel } from "../../graphql/generated/graphql";
import { messages } from "./messages";
import { TextbookItem } from "./TextbookItem";
import "./textbooks.css";

const TEXTBOOKS = graphql(`
  query Textbooks($first: Int!, $after: String, $filter: TextbookFilter) {
    viewer {
      id
      ...Shell
    }
    textbooks(first: $first, after: $after, filter: $filter) {
      nodes {
        id
        ...TextbookItem
      }
      pageInfo {
        hasNextPage
        endCursor
      }
      totalCount
    }
  }
`);

const PAGE = 12;

export default function Textbooks() {
  const text = useMessages(messages);
  const [level, setLevel] = useState<JlptLevel | null>(null);
  const [isOwn, setOwn] = useState(false);
  const filter = { jlptLevels: level && [level], mine: isOwn ? true : null };
  const [after, loadMore] = useCursor(JSON.stringify(filter));
  const [{ data, error, fetching }, reload] = useQuery({ query: TEXTBOOKS, variables: { first: PAGE, after, filter } });
  const list = data?.textbooks;
  return (
    <>
      <div className="row textbooks-header">
        <Heading title={text.textbooks} />
        {data?.viewer && (
          <Link className="textbooks-generate" href="/textbooks/generate">
            {text.generate}
          </Link>
        )}
      </div>
      <div className="row">
        <LevelSelect level={level} onChange={setLevel} />
        {data?.viewer && (
          <label className="check">
            <input type="checkbox" checked={isOwn} onChange={({ target }) => setOwn(target.checked)} />
            {text.own}
          </label>
        )}
      </div>
      {error && <ErrorNotice error={error} onRetry={reload} />}
      {!list && fetching && <Spinner />}
      {list?.nodes.length === 0 && <Notice>{text.noTextbooks}</Notice>}
      {list && (
        <>
          <ul className="list grid textbooks-list">
            {list.nodes.map((textbook) => (
              <TextbookItem key={textbook.id} textbook={textbook} />
            ))}
          </ul>
          <LoadMore pageInfo={list.pageInfo} loading={fetching} onLoad={loadMore} />
        </>
      )}
    </>
  );
}
