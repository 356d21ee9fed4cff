import type { ReactNode } from "react";
import type { SHELL } from "../../app/useViewer";
import { Heading } from "../../components/Heading";
import { usePartTitle } from "../../components/currentLink";
import { RoleScreen, type QueryState } from "../../components/RoleScreen";
import { SubNavigation } from "../../components/SubNavigation";
import type { FragmentType } from "../../graphql/generated";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";
import "./admin.css";

/** The frame of the screens for administrators. */
export function AdminScreen<Data extends { viewer?: FragmentType<typeof SHELL> | null }>({ state, onRetry, children }: {
  state: QueryState<Data>;
  onRetry: () => void;
  children: (data: Data) => ReactNode;
}) {
  const text = useMessages(messages);
  const links = [
    { path: "/admin", label: text.health },
    { path: "/admin/users", label: text.users },
    { path: "/admin/jobs", label: text.jobs },
    { path: "/admin/schedules", label: text.schedules },
    { path: "/admin/webhooks", label: text.webhooks },
    { path: "/admin/audit", label: text.audit },
    { path: "/admin/operations", label: text.operations },
    { path: "/admin/errors", label: text.errors },
    { path: "/admin/usage", label: text.usage },
    { path: "/admin/analytics", label: text.analytics },
  ];
  return (
    <>
      <Heading title={usePartTitle(text.heading, links)}>{text.heading}</Heading>
      <RoleScreen role="ADMIN" state={state} onRetry={onRetry}>
        {(data) => (
          <div className="admin">
            <SubNavigation label={text.parts} links={links} />
            {children(data)}
          </div>
        )}
      </RoleScreen>
    </>
  );
}
