import { useQuery } from "urql";
import { Link } from "wouter";
import { LoadMore } from "../../../components/LoadMore";
import { Notice } from "../../../components/Notice";
import { ScreenError } from "../../../components/ScreenError";
import { Spinner } from "../../../components/Spinner";
import { useCursor } from "../../../components/useCursor";
import { graphql } from "../../../graphql/generated";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { SettingsFrame } from "../SettingsFrame";
import { messages } from "./messages";
import { UploadForm } from "./UploadForm";
import { WaniKaniForm } from "./WaniKaniForm";
import "../settings.css";

const IMPORTS = graphql(`
  query Imports($after: String) {
    viewer {
      id
      ...Shell
      imports(first: 20, after: $after) {
        nodes {
          id
          fileName
          status
          createdAt
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

export default function Imports() {
  const text = useMessages(messages);
  const format = useFormat();
  const [after, loadAfter] = useCursor("");
  const [{ data, error, fetching, stale }, reload] = useQuery({ query: IMPORTS, variables: { after } });
  if (!data) return error ? <ScreenError error={error} onRetry={reload} /> : fetching && <Spinner />;
  if (!data.viewer) {
    return (
      <SettingsFrame>
        <Notice>{text.signIn}</Notice>
      </SettingsFrame>
    );
  }
  const { imports } = data.viewer;
  return (
    <SettingsFrame>
      <UploadForm />
      <WaniKaniForm />
      <section className="panel">
        <h2>{text.imports}</h2>
        {imports?.nodes.length === 0 && <p className="muted">{text.noImports}</p>}
        <ul className="list transfers">
          {imports?.nodes.map(({ id, fileName, status, createdAt }) => (
            <li key={id} className="row">
              <Link href={`/settings/import/${id}`}>{fileName}</Link> {text.statuses[status]}{" "}
              <time className="muted" dateTime={createdAt}>
                {format.dateTime(createdAt)}
              </time>
            </li>
          ))}
        </ul>
        {imports && <LoadMore pageInfo={imports.pageInfo} loading={fetching || stale} onLoad={loadAfter} />}
      </section>
    </SettingsFrame>
  );
}
