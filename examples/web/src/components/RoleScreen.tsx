import type { ReactNode } from "react";
import type { CombinedError } from "urql";
import { includesRole, SHELL, type RoleOfViewer } from "../app/useViewer";
import { readFragment, type FragmentType } from "../graphql/generated";
import { useMessages } from "../i18n/messages";
import { ErrorNotice } from "./ErrorNotice";
import { messages } from "./messages";
import { Notice } from "./Notice";
import { Spinner } from "./Spinner";

interface ViewerData {
  viewer?: FragmentType<typeof SHELL> | null;
}

export interface QueryState<Data> {
  data?: Data;
  error?: CombinedError;
}

/** The result of a screen's query, for viewers with the role; a notice for others. */
export function RoleScreen<Data extends ViewerData>({ role, state, onRetry, children }: {
  role: RoleOfViewer;
  state: QueryState<Data>;
  onRetry: () => void;
  children: (data: Data) => ReactNode;
}) {
  const text = useMessages(messages);
  const { data, error } = state;
  const viewer = readFragment(SHELL, data?.viewer ?? null);
  if (viewer !== null && !includesRole(viewer.role, role)) return <Notice>{text.requiredRole[role]}</Notice>;
  if (!data || (error && viewer === null)) return error ? <ErrorNotice error={error} onRetry={onRetry} /> : <Spinner />;
  if (viewer === null) return <Notice>{text.unauthenticated}</Notice>;
  return (
    <>
      {error && <ErrorNotice error={error} onRetry={onRetry} />}
      {children(data)}
    </>
  );
}
