import { useLocation } from "wouter";

interface Part {
  path: string;
  label: string;
}

/** The link to the current screen, or to the one that it is a part of. */
export function useCurrentLink<Link extends { path: string }>(links: readonly Link[]): Link | undefined {
  const [location] = useLocation();
  // The longest path: the first one of a screen with parts is a prefix of all.
  return links.filter(({ path }) => location === path || location.startsWith(`${path}/`)).at(-1);
}

/** The title of a screen with parts: that of the current part, and its own. */
export function usePartTitle(heading: string, links: readonly Part[]): string {
  const current = useCurrentLink(links);
  return current ? `${current.label} – ${heading}` : heading;
}
