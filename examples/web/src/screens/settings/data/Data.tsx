import { useState } from "react";
import { useQuery } from "urql";
import { Notice } from "../../../components/Notice";
import { ScreenError } from "../../../components/ScreenError";
import { Spinner } from "../../../components/Spinner";
import { graphql } from "../../../graphql/generated";
import { useMessages } from "../../../i18n/messages";
import { SettingsFrame } from "../SettingsFrame";
import { DeleteAccount } from "./DeleteAccount";
import { erasureOf, type Deletion } from "./deletion";
import { Exports } from "./Exports";
import { messages } from "./messages";
import { RestoreAccount } from "./RestoreAccount";
import "../settings.css";

const DATA = graphql(`
  query Data {
    viewer {
      id
      ...Shell
      ...Exports
      ...DeleteAccount
    }
  }
`);

export default function Data() {
  const text = useMessages(messages);
  const [{ data, error, fetching }, execute] = useQuery({ query: DATA });
  const [deleted, setDeleted] = useState<Deletion | null>(null);
  const reload = () => execute({ requestPolicy: "network-only" });
  // Every request of a deleted account fails with the times of its deletion.
  const deletion = deleted ?? erasureOf(error);
  if (deletion) {
    return (
      <RestoreAccount
        deletion={deletion}
        onRestored={() => {
          setDeleted(null);
          reload();
        }}
      />
    );
  }
  if (!data) return error ? <ScreenError error={error} onRetry={reload} /> : fetching && <Spinner />;
  if (!data.viewer) {
    return (
      <SettingsFrame>
        <Notice>{text.signIn}</Notice>
      </SettingsFrame>
    );
  }
  return (
    <SettingsFrame>
      <Exports viewer={data.viewer} />
      <DeleteAccount viewer={data.viewer} onDeleted={setDeleted} />
    </SettingsFrame>
  );
}
