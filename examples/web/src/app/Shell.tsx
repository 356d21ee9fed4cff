import { useRef, type ReactNode } from "react";
import { Link } from "wouter";
import { useCurrentLink } from "../components/currentLink";
import { LANGUAGES, useLanguage, type Language } from "../i18n/language";
import { useMessages } from "../i18n/messages";
import { users } from "./configuration";
import { CONTENT } from "./content";
import { messages } from "./messages";
import { screens } from "./screens";
import { useSession } from "./session";
import { THEMES, useTheme, type Theme } from "./theme";
import { UnreadBadge } from "./UnreadBadge";
import { useNavigation } from "./useNavigation";
import { useOnline } from "./useOnline";
import { includesRole, useViewer } from "./useViewer";
import "./shell.css";

const LANGUAGE_NAMES: Record<Language, string> = { en: "English", ja: "日本語" };

/** The frame of all screens: navigation, and the user's preferences. */
export function Shell({ children }: { children: ReactNode }) {
  const text = useMessages(messages);
  const online = useOnline();
  const content = useRef<HTMLElement>(null);
  useNavigation(content);
  return (
    <>
      <a className="skip" href={`#${CONTENT}`}>
        {text.skip}
      </a>
      <header className="shell-header">
        <Navigation />
        <Preferences />
      </header>
      {!online && (
        <p className="shell-offline" role="status">
          {text.offline}
        </p>
      )}
      <main ref={content} id={CONTENT} tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

function Navigation() {
  const text = useMessages(messages);
  const viewer = useViewer();
  const visible = screens.flatMap(({ path, link }) => {
    if (link === undefined) return [];
    const isAllowed = link.role === null || (viewer !== null && includesRole(viewer.role, link.role));
    return isAllowed ? [{ path, ...link }] : [];
  });
  const current = useCurrentLink(visible);
  return (
    <nav aria-label={text.navigation}>
      <ul>
        {visible.map((link) => (
          <li key={link.path}>
            <Link href={link.path} aria-current={link === current ? "page" : undefined}>
              {text[link.label]}
              {link.label === "home" && <UnreadBadge />}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Preferences() {
  const text = useMessages(messages);
  const { user, signIn } = useSession();
  const { language, setLanguage } = useLanguage();
  const { theme, setTheme } = useTheme();
  const themeNames: Record<Theme, string> = { system: text.themeSystem, light: text.themeLight, dark: text.themeDark };
  return (
    <div className="shell-preferences">
      <select
        aria-label={text.signedInAs}
        value={user?.name ?? ""}
        onChange={({ target }) => signIn(users.find(({ name }) => name === target.value) ?? null)}
      >
        {users.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
        <option value="">{text.signedOut}</option>
      </select>
      <select aria-label={text.language} value={language} onChange={({ target }) => setLanguage(target.value as Language)}>
        {LANGUAGES.map((code) => (
          <option key={code} value={code}>
            {LANGUAGE_NAMES[code]}
          </option>
        ))}
      </select>
      <select aria-label={text.theme} value={theme} onChange={({ target }) => setTheme(target.value as Theme)}>
        {THEMES.map((name) => (
          <option key={name} value={name}>
            {themeNames[name]}
          </option>
        ))}
      </select>
    </div>
  );
}
