import { Link } from "wouter";
import { useCurrentLink, type Part } from "./currentLink";
import "./subNavigation.css";

/** Links between the parts of a screen. The first one is the screen's own address. */
export function SubNavigation({ label, links }: { label: string; links: readonly (Part & { label: string })[] }) {
  const current = useCurrentLink(links);
  return (
    <nav className="sub-navigation" aria-label={label}>
      {links.map((link) => (
        <Link key={link.path} href={link.path} aria-current={link === current ? "page" : undefined}>
          {link.label}
        </Link>
      ))}
    </nav>
  );
}
