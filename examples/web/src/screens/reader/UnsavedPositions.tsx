import { useEffect } from "react";
import { useClient } from "urql";
import { useSession } from "../../app/session";
import { useOnline } from "../../app/useOnline";
import { sendPositions } from "./positions";

/** Sends positions in books that the server does not have: when the app starts, and when the network is back. */
export function UnsavedPositions() {
  const client = useClient();
  const { user } = useSession();
  const isOnline = useOnline();
  useEffect(() => {
    if (isOnline && user !== null) void sendPositions(client, user.name);
  }, [client, user, isOnline]);
  return null;
}
