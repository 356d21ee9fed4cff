import { useQuery } from "urql";
import { ErrorNotice } from "../../components/ErrorNotice";
import { Notice } from "../../components/Notice";
import { ScreenError } from "../../components/ScreenError";
import { Spinner } from "../../components/Spinner";
import { graphql } from "../../graphql/generated";
import { useMessages } from "../../i18n/messages";
import { FittedParameters } from "./FittedParameters";
import { messages } from "./messages";
import { NotificationPreferences } from "./NotificationPreferences";
import { ProfileForm } from "./ProfileForm";
import { SchedulingForm } from "./SchedulingForm";
import { SettingsFrame } from "./SettingsFrame";
import { StudyForm } from "./StudyForm";
import { Vacation } from "./Vacation";
import "./settings.css";

const SETTINGS = graphql(`
  query Settings {
    viewer {
      id
      ...Shell
      ...Profile
      ...CurrentVacation
      ...NotificationPreferences
      settings {
        id
        ...StudyForm
        ...SchedulingForm
      }
      scheduling {
        ...FittedParameters
      }
    }
  }
`);

export default function Settings() {
  const text = useMessages(messages);
  const [{ data, error, fetching }, execute] = useQuery({ query: SETTINGS });
  const reload = () => execute({ requestPolicy: "network-only" });
  if (!data) return error ? <ScreenError error={error} onRetry={reload} /> : fetching && <Spinner />;
  const { viewer } = data;
  if (!viewer) {
    return (
      <SettingsFrame>
        <Notice>{text.signIn}</Notice>
      </SettingsFrame>
    );
  }
  return (
    <SettingsFrame>
      {error && <ErrorNotice error={error} onRetry={reload} />}
      {viewer.settings && (
        <>
          <StudyForm settings={viewer.settings} onChanged={reload} />
          <SchedulingForm settings={viewer.settings} onChanged={reload} />
        </>
      )}
      {viewer.scheduling && <FittedParameters scheduling={viewer.scheduling} onFitted={reload} />}
      <Vacation viewer={viewer} onChanged={reload} />
      <NotificationPreferences viewer={viewer} />
      <ProfileForm viewer={viewer} />
    </SettingsFrame>
  );
}
