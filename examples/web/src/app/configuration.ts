// The server writes the configuration into the page.

export interface DemoUser {
  name: string;
  token: string;
}

interface Configuration {
  /** Users of a development server, with tokens. */
  users?: DemoUser[];
}

const KEY = "shinjp:configuration";

const element = document.getElementById("configuration");
const configuration = JSON.parse(element?.textContent ?? "{}") as Configuration;

// The page that the service worker has stored is without users: they are kept here, as a real front end keeps its token.
if (configuration.users) localStorage.setItem(KEY, JSON.stringify(configuration.users));

export const users = configuration.users ?? (JSON.parse(localStorage.getItem(KEY) ?? "[]") as DemoUser[]);
