import { useLocation } from "wouter";

export interface Part {
  path: string;
  /** Paths of screens that belong to it although their own paths begin otherwise. */
  others?: readonly string[];
}

const isWithin = (location: string, path: string): boolean => location === path || location.startsWith(`${path}/`);

/** The link to the current screen, or to the one that it is a part of. */
export function useCurrentLink<Link extends Part>(links: readonly Link[]): Link | undefined {
  const [location] = useLocation();
  const matches = links.flatMap((link) =>
    [link.path, ...(link.others ?? [])].filter((path) => isWithin(location, path)).map((path) => ({ link, length: path.length })),
  );
  // The longest path: the first one of a screen with parts is a prefix of all.
  return matches.sort((one, other) => other.length - one.length)[0]?.link;
}

/** The title of a screen with parts: that of the current part, and its own. */
export function usePartTitle(heading: string, links: readonly (Part & { label: string })[]): string {
  const current = useCurrentLink(links);
  return current ? `${current.label} – ${heading}` : heading;
}
