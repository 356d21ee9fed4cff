import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useFormat } from "../../i18n/format";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

const DOWNLOAD = graphql(`
  fragment Download on Job {
    id
    result {
      ... on ExportFile {
        url
        sizeBytes
        expiresAt
      }
      ... on DataExport {
        url
        sizeBytes
        expiresAt
      }
    }
  }
`);

/** The link to the file of an export; nothing for other jobs. The link is signed and needs no token. */
export function Download(props: { job: FragmentType<typeof DOWNLOAD> }) {
  const text = useMessages(messages);
  const format = useFormat();
  const { result } = readFragment(DOWNLOAD, props.job);
  if (result?.__typename !== "ExportFile" && result?.__typename !== "DataExport") return text.done;
  return (
    <>
      <a href={result.url} download>
        {text.download}
      </a>{" "}
      <span className="muted">{text.file(format.number(Math.ceil(result.sizeBytes / 1024)), format.dateTime(result.expiresAt))}</span>
    </>
  );
}
