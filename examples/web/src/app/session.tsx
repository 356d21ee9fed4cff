// The signed-in user. A real front end gets its token from its identity provider; here it is one of the demo users.
import { createContext, useContext, useMemo, useState, type ReactNode } from "react";
import { users, type DemoUser } from "./configuration";

const KEY = "shinjp:user";
const SIGNED_OUT = "";

interface Session {
  /** null: signed out. */
  user: DemoUser | null;
  signIn(user: DemoUser | null): void;
}

const SessionContext = createContext<Session | null>(null);

export function SessionProvider({ children }: { children: ReactNode }) {
  const [name, setName] = useState(() => localStorage.getItem(KEY) ?? users[0]?.name ?? SIGNED_OUT);
  const session = useMemo<Session>(
    () => ({
      user: users.find((user) => user.name === name) ?? null,
      signIn(user) {
        localStorage.setItem(KEY, user?.name ?? SIGNED_OUT);
        setName(user?.name ?? SIGNED_OUT);
      },
    }),
    [name],
  );
  return <SessionContext value={session}>{children}</SessionContext>;
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("useSession requires a SessionProvider");
  return session;
}
