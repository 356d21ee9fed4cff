import { startTransition, useOptimistic } from "react";
import { ActionNotice } from "../../components/ActionNotice";
import { useAction } from "../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import type { NotificationPreferencesFragment } from "../../graphql/generated/graphql";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

const NOTIFICATION_PREFERENCES = graphql(`
  fragment NotificationPreferences on Viewer {
    id
    notificationPreferences {
      kind
      channel
      enabled
    }
  }
`);

const UPDATE_NOTIFICATION_PREFERENCES = graphql(`
  mutation UpdateNotificationPreferences($input: UpdateNotificationPreferencesInput!) {
    updateNotificationPreferences(input: $input) {
      errors {
        code
        message
        path
      }
      viewer {
        ...NotificationPreferences
      }
    }
  }
`);

type Preference = NonNullable<NotificationPreferencesFragment["notificationPreferences"]>[number];

const isSame = (one: Preference, other: Preference): boolean => one.kind === other.kind && one.channel === other.channel;

/** Of what the learner is notified, by channel. A box changes immediately, and back if the change fails. */
export function NotificationPreferences(props: { viewer: FragmentType<typeof NOTIFICATION_PREFERENCES> }) {
  const text = useMessages(messages);
  const stored = readFragment(NOTIFICATION_PREFERENCES, props.viewer).notificationPreferences ?? [];
  const [state, update] = useAction(UPDATE_NOTIFICATION_PREFERENCES, (data) => data.updateNotificationPreferences);
  const [shown, show] = useOptimistic(stored, (all, changed: Preference) => all.map((each) => (isSame(each, changed) ? changed : each)));
  const toggle = (preference: Preference) =>
    startTransition(async () => {
      const { kind, channel } = preference;
      const enabled = !preference.enabled;
      show({ ...preference, enabled });
      await update({ input: { preferences: [{ kind, channel, enabled }] } });
    });
  const kinds = [...new Set(shown.map(({ kind }) => kind))];
  const channels = [...new Set(shown.map(({ channel }) => channel))];
  return (
    <section className="panel" aria-label={text.notifications}>
      <h2>{text.notifications}</h2>
      <ActionNotice state={state} />
      <table>
        <thead>
          <tr>
            <th scope="col">{text.event}</th>
            {channels.map((channel) => (
              <th scope="col" key={channel}>
                {text.channels[channel]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {kinds.map((kind) => (
            <tr key={kind}>
              <th scope="row">{text.kinds[kind]}</th>
              {channels.map((channel) => {
                const preference = shown.find((each) => each.kind === kind && each.channel === channel);
                return (
                  <td key={channel}>
                    {preference && (
                      <input
                        type="checkbox"
                        aria-label={`${text.kinds[kind]}: ${text.channels[channel]}`}
                        checked={preference.enabled}
                        onChange={() => toggle(preference)}
                      />
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
