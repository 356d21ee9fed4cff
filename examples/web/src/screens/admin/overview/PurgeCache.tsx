import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { ConfirmButton } from "../../../components/ConfirmButton";
import { ErrorNotice } from "../../../components/ErrorNotice";
import { Field } from "../../../components/Field";
import { graphql } from "../../../graphql/generated";
import type { PurgeCacheInput } from "../../../graphql/generated/graphql";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";

const PURGE = graphql(`
  mutation PurgeCache($input: PurgeCacheInput!) {
    purgeCache(input: $input) {
      purgedTags
    }
  }
`);

/** Invalidates cached values in all processes, by their tags. */
export function PurgeCache() {
  const text = useMessages(messages);
  const format = useFormat();
  const [tags, setTags] = useState("");
  const [{ data, error, fetching }, execute] = useMutation(PURGE);
  const purge = (input: PurgeCacheInput) => void execute({ input });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    purge({ tags: tags.split(/[\s,]+/).filter((tag) => tag !== "") });
  };
  const purged = data?.purgeCache?.purgedTags;
  return (
    <form aria-label={text.purge} onSubmit={submit}>
      <Field label={text.tags}>
        {(control) => (
          <input {...control} value={tags} placeholder="Book:*, books:level=N5" onChange={({ target }) => setTags(target.value)} />
        )}
      </Field>
      <div className="row">
        <button disabled={fetching || tags.trim() === ""}>{text.purge}</button>
        <ConfirmButton
          label={text.purgeEverything}
          question={text.purgeQuestion}
          disabled={fetching}
          onConfirm={() => purge({ everything: true })}
        />
        {purged && <span role="status">{text.purged(format.list(purged))}</span>}
      </div>
      {error && <ErrorNotice error={error} />}
    </form>
  );
}
