import { useEffect, useMemo, type ReactNode } from "react";
import { Provider } from "urql";
import { useSession } from "../app/session";
import { connect } from "./client";

export function ConnectionProvider({ children }: { children: ReactNode }) {
  const { user } = useSession();
  const connection = useMemo(() => connect(user?.token ?? null), [user]);
  useEffect(() => () => connection.close(), [connection]);
  // The key makes all screens start again for another user.
  return (
    <Provider key={user?.name ?? ""} value={connection.client}>
      {children}
    </Provider>
  );
}
