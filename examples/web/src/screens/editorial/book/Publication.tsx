import { useState } from "react";
import { Field } from "../../../components/Field";
import type { EditorialBookDataFragment, UpdateBookInput } from "../../../graphql/generated/graphql";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";

export type PublicationChange = Pick<UpdateBookInput, "publish" | "publishAt" | "coverUrl">;

/** Whether learners see the book, or from when on. */
export function Publication({ book, error, disabled, onChange }: {
  book: Pick<EditorialBookDataFragment, "publishedAt" | "publishAt">;
  error: string | undefined;
  disabled: boolean;
  onChange: (change: PublicationChange) => void;
}) {
  const text = useMessages(messages);
  const format = useFormat();
  // In the time zone of the browser.
  const [time, setTime] = useState("");
  const { publishedAt, publishAt } = book;
  return (
    <>
      <div className="row">
        <button type="button" disabled={disabled} onClick={() => onChange({ publish: !publishedAt })}>
          {publishedAt ? text.hide : text.publish}
        </button>
        {publishAt && (
          <button type="button" disabled={disabled} onClick={() => onChange({ publishAt: null })}>
            {text.endSchedule}
          </button>
        )}
        <span className="muted">
          {publishedAt ? text.published(format.dateTime(publishedAt)) : publishAt ? text.scheduled(format.dateTime(publishAt)) : text.draft}
        </span>
      </div>
      {!publishedAt && (
        <div className="row">
          <Field label={text.publishAt} error={error}>
            {(control) => <input {...control} type="datetime-local" value={time} onChange={({ target }) => setTime(target.value)} />}
          </Field>
          <button
            type="button"
            disabled={disabled || time === ""}
            onClick={() => onChange({ publishAt: new Date(time).toISOString() })}
          >
            {text.schedule}
          </button>
        </div>
      )}
    </>
  );
}
