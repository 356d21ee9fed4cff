// The users of a development server, one of whom sends the operations.
import { pick, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { useSyncExternalStore } from "react";

export const SIGNED_OUT = { name: "Signed out" };
const STORED_NAME = "shinjp:user";

const configured = JSON.parse(document.getElementById("configuration").textContent).users ?? [];
const known = [SIGNED_OUT, ...configured];
const listeners = new Set();
// The demo learner is the first one that the server names.
let user = known.find(({ name }) => name === localStorage.getItem(STORED_NAME)) ?? configured[0] ?? SIGNED_OUT;

export function currentUser() {
  return user;
}

function setUser(name) {
  user = known.find((other) => other.name === name);
  localStorage.setItem(STORED_NAME, name);
  listeners.forEach((listener) => listener());
}

function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useCurrentUser() {
  return useSyncExternalStore(subscribe, currentUser);
}

export function UserMenu() {
  const { name } = useCurrentUser();
  const { stop } = useGraphiQLActions();
  const { isFetching, subscription } = useGraphiQL(pick("isFetching", "subscription"));

  function choose(event) {
    // A stream is one of the former user.
    if (isFetching || subscription) stop();
    setUser(event.target.value);
  }

  return (
    <select className="shinjp-users" aria-label="User" value={name} onChange={choose}>
      {known.map((each) => (
        <option key={each.name}>{each.name}</option>
      ))}
    </select>
  );
}
