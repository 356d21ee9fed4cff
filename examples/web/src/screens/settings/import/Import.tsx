import { useQuery } from "urql";
import { useParams } from "wouter";
import { Heading } from "../../../components/Heading";
import { JobProgress } from "../../../components/jobs/JobProgress";
import { Notice } from "../../../components/Notice";
import { ScreenError } from "../../../components/ScreenError";
import { Spinner } from "../../../components/Spinner";
import { useCursor } from "../../../components/useCursor";
import { graphql } from "../../../graphql/generated";
import { useMessages } from "../../../i18n/messages";
import { SettingsFrame } from "../SettingsFrame";
import { AmbiguousWords } from "./AmbiguousWords";
import { Analysis } from "./Analysis";
import { MappingForm } from "./MappingForm";
import { messages } from "./messages";
import { Result } from "./Result";
import "../settings.css";

const IMPORT = graphql(`
  query Import($id: ID!, $after: String) {
    viewer {
      id
      ...Shell
    }
    node(id: $id) {
      id
      ... on Import {
        id
        fileName
        status
        job {
          id
          ...JobProgress
        }
        analysis {
          ...Analysis
          ...MappingForm
        }
        result {
          ...ImportResult
        }
        ambiguousWords(first: 20, after: $after) {
          ...AmbiguousWords
        }
      }
    }
  }
`);

/** An import, from its analysis to its report. */
export default function Import() {
  const text = useMessages(messages);
  const { id = "" } = useParams();
  const [after, loadAfter] = useCursor(id);
  const [{ data, error, fetching, stale }, execute] = useQuery({ query: IMPORT, variables: { id, after } });
  const reload = () => execute({ requestPolicy: "network-only" });
  if (!data) return error ? <ScreenError error={error} onRetry={reload} /> : fetching && <Spinner />;
  const { viewer, node } = data;
  if (!viewer) {
    return (
      <SettingsFrame>
        <Notice>{text.signIn}</Notice>
      </SettingsFrame>
    );
  }
  if (node?.__typename !== "Import") {
    return error ? <ScreenError error={error} onRetry={reload} /> : <Heading title={text.noImport} />;
  }
  const { fileName, status, job, analysis, ambiguousWords, result } = node;
  const isRunning = status === "ANALYZING" || status === "IMPORTING";
  const showsJob = isRunning || status === "FAILED";
  const form = analysis && <MappingForm key={node.id} id={node.id} analysis={analysis} />;
  return (
    <SettingsFrame>
      <section className="panel" aria-label={fileName} data-status={status}>
        <h2>{fileName}</h2>
        <p role="status">{text.statuses[status]}</p>
        {job && showsJob && <JobProgress key={job.id} job={job} label={text.statuses[status]} onFinished={isRunning ? reload : undefined} />}
        {result && !isRunning && <Result result={result} />}
      </section>
      {analysis && !isRunning && (
        <>
          <Analysis analysis={analysis} />
          {ambiguousWords && <AmbiguousWords id={node.id} words={ambiguousWords} loading={fetching || stale} onLoad={loadAfter} />}
          {status === "DONE" ? (
            <details>
              <summary>{text.again}</summary>
              {form}
            </details>
          ) : (
            form
          )}
        </>
      )}
    </SettingsFrame>
  );
}
