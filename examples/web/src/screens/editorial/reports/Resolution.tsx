import { useState } from "react";
import { ActionNotice } from "../../../components/ActionNotice";
import { Field } from "../../../components/Field";
import { errorOf, useAction } from "../../../components/useAction";
import { graphql } from "../../../graphql/generated";
import type { ReportResolution } from "../../../graphql/generated/graphql";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";

const RESOLVE = graphql(`
  mutation ResolveEditorialReport($input: ResolveReportInput!) {
    resolveReport(input: $input) {
      errors {
        code
        message
        path
      }
      report {
        id
        ...EditorialReport
      }
    }
  }
`);

/** Accepts or rejects a report, with an answer to the learner. */
export function Resolution({ id, version }: { id: string; version: number }) {
  const text = useMessages(messages);
  const [answer, setAnswer] = useState("");
  const [action, run] = useAction(RESOLVE, (data) => data.resolveReport);
  const resolve = (resolution: ReportResolution) =>
    void run({ input: { id, expectedVersion: version, resolution, answer: answer || null } });
  return (
    <details>
      <summary>{text.resolve}</summary>
      <div className="editorial-section">
        <Field label={text.answerLabel} error={errorOf(action, "answer")}>
          {(control) => <textarea {...control} value={answer} onChange={({ target }) => setAnswer(target.value)} />}
        </Field>
        <ActionNotice state={action} fields={["answer"]} />
        <div className="row">
          <button className="primary" disabled={action.running} onClick={() => resolve("ACCEPTED")}>
            {text.accept}
          </button>
          <button disabled={action.running} onClick={() => resolve("REJECTED")}>
            {text.reject}
          </button>
        </div>
      </div>
    </details>
  );
}
