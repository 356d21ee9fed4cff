import { useState } from "react";
import { ActionNotice } from "../../../components/ActionNotice";
import { errorOf, useAction } from "../../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import { useMessages } from "../../../i18n/messages";
import { TextInput } from "../inputs";
import type { Deletion } from "./deletion";
import { messages } from "./messages";

const DELETE_ACCOUNT = graphql(`
  fragment DeleteAccount on Viewer {
    id
    email
    user {
      id
      displayName
    }
  }
`);

const DELETE = graphql(`
  mutation DeleteAccount($input: DeleteAccountInput!) {
    deleteAccount(input: $input) {
      errors {
        code
        message
        path
      }
      deletion {
        erasedAt
      }
    }
  }
`);

/** Deletes the account, which is confirmed by its e-mail address or name. It can be restored for 30 days. */
export function DeleteAccount({ onDeleted, ...props }: {
  viewer: FragmentType<typeof DELETE_ACCOUNT>;
  onDeleted: (deletion: Deletion) => void;
}) {
  const text = useMessages(messages);
  const { email, user } = readFragment(DELETE_ACCOUNT, props.viewer);
  const [state, execute] = useAction(DELETE, (data) => data.deleteAccount);
  const [confirmation, setConfirmation] = useState("");
  return (
    <form
      className="panel"
      aria-label={text.deletion}
      onSubmit={async (event) => {
        event.preventDefault();
        const payload = await execute({ input: { confirmation } });
        if (payload?.deletion) onDeleted(payload.deletion);
      }}
    >
      <h2>{text.deletion}</h2>
      <p>{text.deletionHint}</p>
      <TextInput
        label={text.confirmation(email ?? user?.displayName ?? "")}
        value={confirmation}
        required
        error={errorOf(state, "confirmation")}
        onChange={setConfirmation}
      />
      <ActionNotice state={state} fields={["confirmation"]} />
      <button className="danger form-end" disabled={state.running || confirmation === ""}>
        {text.deleteAccount}
      </button>
    </form>
  );
}
