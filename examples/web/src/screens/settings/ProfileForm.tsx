import { useState } from "react";
import { errorOf, useAction } from "../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useMessages } from "../../i18n/messages";
import { TextInput } from "./inputs";
import { messages } from "./messages";
import { SaveButton } from "./SaveButton";

const PROFILE = graphql(`
  fragment Profile on Viewer {
    id
    email
    locale
    user {
      id
      displayName
    }
  }
`);

const UPDATE_PROFILE = graphql(`
  mutation UpdateProfile($input: UpdateProfileInput!) {
    updateProfile(input: $input) {
      errors {
        code
        message
        path
      }
      viewer {
        ...Profile
      }
    }
  }
`);

/** The display name, and the language of e-mails. */
export function ProfileForm(props: { viewer: FragmentType<typeof PROFILE> }) {
  const text = useMessages(messages);
  const { email, locale, user } = readFragment(PROFILE, props.viewer);
  const [state, update] = useAction(UPDATE_PROFILE, (data) => data.updateProfile);
  const [changes, setChanges] = useState<{ displayName?: string; locale?: string }>({});
  const [saved, setSaved] = useState<object | null>(null);
  const change = (values: typeof changes) => {
    setSaved(null);
    setChanges({ ...changes, ...values });
  };
  return (
    <form
      className="panel"
      aria-label={text.profile}
      onSubmit={async (event) => {
        event.preventDefault();
        const { locale: tag, ...rest } = changes;
        const payload = await update({ input: tag === undefined ? rest : { ...rest, locale: tag || null } });
        if (payload) setChanges({});
        setSaved(payload && {});
      }}
    >
      <h2>{text.profile}</h2>
      {email && <p className="muted">{text.email(email)}</p>}
      <div className="fields">
        <TextInput
          label={text.displayName}
          value={changes.displayName ?? user?.displayName ?? ""}
          required
          error={errorOf(state, "displayName")}
          onChange={(displayName) => change({ displayName })}
        />
        <TextInput
          label={text.locale}
          value={changes.locale ?? locale ?? ""}
          options={["ja", "en", "en-GB"]}
          error={errorOf(state, "locale")}
          onChange={(tag) => change({ locale: tag })}
        />
      </div>
      <SaveButton state={state} fields={["displayName", "locale"]} disabled={Object.keys(changes).length === 0} saved={saved} />
    </form>
  );
}
