import type { ReactNode } from "react";
import { Heading } from "../../components/Heading";
import { usePartTitle } from "../../components/currentLink";
import { RoleScreen, type QueryState } from "../../components/RoleScreen";
import { SubNavigation } from "../../components/SubNavigation";
import type { SHELL } from "../../app/useViewer";
import type { FragmentType } from "../../graphql/generated";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";
import "./editorial.css";

/** The frame of the screens for editors. */
export function EditorialScreen<Data extends { viewer?: FragmentType<typeof SHELL> | null }>({ state, onRetry, children }: {
  state: QueryState<Data>;
  onRetry: () => void;
  children: (data: Data) => ReactNode;
}) {
  const text = useMessages(messages);
  const links = [
    { path: "/editorial", label: text.books },
    { path: "/editorial/words", label: text.words, others: ["/editorial/kanji"] },
    { path: "/editorial/reports", label: text.reports },
    { path: "/editorial/trash", label: text.trash },
  ];
  return (
    <>
      <Heading title={usePartTitle(text.heading, links)}>{text.heading}</Heading>
      <RoleScreen role="EDITOR" state={state} onRetry={onRetry}>
        {(data) => (
          <>
            <SubNavigation label={text.parts} links={links} />
            {children(data)}
          </>
        )}
      </RoleScreen>
    </>
  );
}
