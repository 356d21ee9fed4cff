import type { ReactNode } from "react";
import { Heading } from "../../components/Heading";
import { usePartTitle } from "../../components/currentLink";
import { SubNavigation } from "../../components/SubNavigation";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

/** The title and the links of the parts of the settings. */
export function SettingsFrame({ children }: { children: ReactNode }) {
  const text = useMessages(messages);
  const links = [
    { path: "/settings", label: text.study },
    { path: "/settings/import", label: text.import },
    { path: "/settings/data", label: text.data },
  ];
  return (
    <>
      <Heading title={usePartTitle(text.title, links)}>{text.title}</Heading>
      <SubNavigation label={text.parts} links={links} />
      {children}
    </>
  );
}
