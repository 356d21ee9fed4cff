import { useState, type FormEvent } from "react";
import { ActionNotice } from "../../../components/ActionNotice";
import { Field } from "../../../components/Field";
import { errorOf, useAction } from "../../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";

const USER_BLOCK = graphql(`
  fragment AdminUserBlock on ManagedUser {
    id
    version
    block {
      at
      until
      reason
    }
  }
`);

const BLOCK = graphql(`
  mutation BlockUser($input: BlockUserInput!) {
    blockUser(input: $input) {
      errors {
        code
        message
        path
      }
      user {
        id
        ...AdminUserBlock
      }
    }
  }
`);

const UNBLOCK = graphql(`
  mutation UnblockUser($input: UnblockUserInput!) {
    unblockUser(input: $input) {
      errors {
        code
        message
        path
      }
      user {
        id
        ...AdminUserBlock
      }
    }
  }
`);

/** Blocks a user, until a time or until it is lifted. */
export function BlockForm(props: { user: FragmentType<typeof USER_BLOCK> }) {
  const text = useMessages(messages);
  const format = useFormat();
  const { id, version, block } = readFragment(USER_BLOCK, props.user);
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState("");
  const [blocking, runBlock] = useAction(BLOCK, (data) => data.blockUser);
  const [unblocking, runUnblock] = useAction(UNBLOCK, (data) => data.unblockUser);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const end = until === "" ? null : new Date(until).toISOString();
    if (await runBlock({ input: { userId: id, reason, until: end, expectedVersion: version } })) setReason("");
  };
  if (block) {
    return (
      <section className="panel">
        <h2>{text.blocked}</h2>
        <p>{block.reason}</p>
        <p className="muted">
          {format.dateTime(block.at)} – {block.until ? format.dateTime(block.until) : text.noEnd}
        </p>
        <ActionNotice state={unblocking} />
        <div>
          <button
            disabled={unblocking.running}
            onClick={() => void runUnblock({ input: { userId: id, expectedVersion: version } })}
          >
            {text.unblock}
          </button>
        </div>
      </section>
    );
  }
  return (
    <form className="panel" onSubmit={(event) => void submit(event)}>
      <h2>{text.block}</h2>
      <Field label={text.blockReason} error={errorOf(blocking, "reason")}>
        {(control) => <input {...control} value={reason} onChange={({ target }) => setReason(target.value)} />}
      </Field>
      <Field label={text.until} error={errorOf(blocking, "until")}>
        {(control) => (
          <input {...control} type="datetime-local" value={until} onChange={({ target }) => setUntil(target.value)} />
        )}
      </Field>
      <ActionNotice state={blocking} fields={["reason", "until"]} />
      <div>
        <button className="danger" disabled={blocking.running}>
          {text.block}
        </button>
      </div>
    </form>
  );
}
