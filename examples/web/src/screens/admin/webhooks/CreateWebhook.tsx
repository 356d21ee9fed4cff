import { useState, type FormEvent } from "react";
import { ActionNotice } from "../../../components/ActionNotice";
import { Field } from "../../../components/Field";
import { errorOf, useAction } from "../../../components/useAction";
import { graphql } from "../../../graphql/generated";
import type { EventKind } from "../../../graphql/generated/graphql";
import { useMessages } from "../../../i18n/messages";
import { EVENTS, messages } from "./messages";

const CREATE = graphql(`
  mutation CreateWebhook($input: CreateWebhookInput!) {
    createWebhook(input: $input) {
      errors {
        code
        message
        path
      }
      webhook {
        id
      }
      secret
    }
  }
`);

/** Creates a webhook. Its secret is displayed once. */
export function CreateWebhook({ onCreated }: { onCreated: () => void }) {
  const text = useMessages(messages);
  const [url, setUrl] = useState("");
  const [chosen, setChosen] = useState<readonly EventKind[]>(EVENTS);
  const [secret, setSecret] = useState<string | null>(null);
  const [action, create] = useAction(CREATE, (data) => data.createWebhook);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const payload = await create({ input: { url, eventKinds: [...chosen] } });
    if (!payload) return;
    setUrl("");
    setSecret(payload.secret ?? null);
    onCreated();
  };
  return (
    <form className="panel" aria-label={text.create} onSubmit={(event) => void submit(event)}>
      <h2>{text.create}</h2>
      <Field label={text.url} error={errorOf(action, "url")}>
        {(control) => (
          <input
            {...control}
            type="url"
            required
            maxLength={2_000}
            placeholder="https://"
            value={url}
            onChange={({ target }) => setUrl(target.value)}
          />
        )}
      </Field>
      <fieldset>
        <legend>{text.events}</legend>
        {EVENTS.map((kind) => (
          <label key={kind} className="check">
            <input
              type="checkbox"
              checked={chosen.includes(kind)}
              onChange={({ target }) => setChosen(target.checked ? [...chosen, kind] : chosen.filter((other) => other !== kind))}
            />
            {text.eventNames[kind]}
          </label>
        ))}
      </fieldset>
      <ActionNotice state={action} fields={["url"]} />
      <div>
        <button className="primary" disabled={action.running || chosen.length === 0}>
          {text.create}
        </button>
      </div>
      {secret !== null && (
        <p role="status">
          {text.secret} <code>{secret}</code>
        </p>
      )}
    </form>
  );
}
