import { useEffect, useRef, type ReactNode } from "react";
import { useLocation } from "wouter";
import { CONTENT, pageTitle } from "../app/content";

/** The heading of a screen: it names the page, and takes the focus after a navigation. `children`: if it is not just the title. */
export function Heading({ title, lang, children = title }: { title: string; lang?: string; children?: ReactNode }) {
  const [path] = useLocation();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = pageTitle(title);
  }, [title, path]);
  // The frame has moved the focus to the content, where it waits for the heading.
  useEffect(() => {
    if (document.activeElement?.id === CONTENT) heading.current?.focus({ preventScroll: true });
  }, [path]);
  return (
    <h1 ref={heading} lang={lang} tabIndex={-1}>
      {children}
    </h1>
  );
}
