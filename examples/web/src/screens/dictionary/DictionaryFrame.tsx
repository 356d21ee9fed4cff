import type { ReactNode } from "react";
import { Heading } from "../../components/Heading";
import { usePartTitle } from "../../components/currentLink";
import { SubNavigation } from "../../components/SubNavigation";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";
import "./dictionary.css";

/** The title and the links of the searches. */
export function DictionaryFrame({ children }: { children: ReactNode }) {
  const text = useMessages(messages);
  const links = [
    { path: "/dictionary", label: text.results },
    { path: "/dictionary/kanji", label: text.kanji },
  ];
  return (
    <>
      <Heading title={usePartTitle(text.title, links)}>{text.title}</Heading>
      <SubNavigation label={text.parts} links={links} />
      {children}
    </>
  );
}
