import { useState } from "react";
import { ActionNotice } from "../../../components/ActionNotice";
import { JobProgress } from "../../../components/jobs/JobProgress";
import { useAction } from "../../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import type { ExportFormat, ExportKind } from "../../../graphql/generated/graphql";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { Select } from "../inputs";
import { messages } from "./messages";

const EXPORTS = graphql(`
  fragment Exports on Viewer {
    id
    jobs(first: 10, kinds: [EXPORT]) {
      nodes {
        id
        createdAt
        ...JobProgress
      }
    }
  }
`);

const REQUEST_EXPORT = graphql(`
  mutation RequestExport($input: RequestExportInput!) {
    requestExport(input: $input) {
      errors {
        code
        message
        path
      }
      viewer {
        ...Exports
      }
    }
  }
`);

const REQUEST_DATA_EXPORT = graphql(`
  mutation RequestDataExport($input: RequestDataExportInput!) {
    requestDataExport(input: $input) {
      errors {
        code
        message
        path
      }
      viewer {
        ...Exports
      }
    }
  }
`);

/** Exports of cards, of reviews, and of everything that is stored about the learner, with the newest ones. */
export function Exports(props: { viewer: FragmentType<typeof EXPORTS> }) {
  const text = useMessages(messages);
  const format = useFormat();
  const { jobs } = readFragment(EXPORTS, props.viewer);
  const [state, request] = useAction(REQUEST_EXPORT, (data) => data.requestExport);
  const [everythingState, requestEverything] = useAction(REQUEST_DATA_EXPORT, (data) => data.requestDataExport);
  const [kind, setKind] = useState<Exclude<ExportKind, "LEARNERS">>("CARDS");
  const [file, setFile] = useState<ExportFormat>("CSV");
  const { APKG: _, ...texts } = text.formats;
  return (
    <section className="panel" aria-label={text.exports}>
      <h2>{text.exports}</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void request({ input: { kind, format: file } });
        }}
      >
        <div className="fields">
          <Select
            label={text.kind}
            value={kind}
            options={text.exportKinds}
            onChange={(chosen) => {
              setKind(chosen);
              if (chosen === "REVIEWS" && file === "APKG") setFile("CSV");
            }}
          />
          <Select<ExportFormat> label={text.format} value={file} options={kind === "CARDS" ? text.formats : texts} onChange={setFile} />
        </div>
        <div className="row form-end">
          <button className="primary" disabled={state.running}>
            {text.export}
          </button>
          <button
            type="button"
            disabled={everythingState.running}
            onClick={() => void requestEverything({ input: { idempotencyKey: crypto.randomUUID() } })}
          >
            {text.everything}
          </button>
        </div>
      </form>
      <ActionNotice state={state} />
      <ActionNotice state={everythingState} />
      <ul className="list transfers">
        {jobs?.nodes.map((job) => (
          <li key={job.id} className="row">
            <time className="muted" dateTime={job.createdAt}>
              {format.dateTime(job.createdAt)}
            </time>
            <JobProgress job={job} label={text.exports} />
          </li>
        ))}
      </ul>
    </section>
  );
}
