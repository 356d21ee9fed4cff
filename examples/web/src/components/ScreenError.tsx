import type { CombinedError } from "urql";
import { useMessages } from "../i18n/messages";
import { ErrorNotice } from "./ErrorNotice";
import { Heading } from "./Heading";
import { messages } from "./messages";

/** A screen whose first view could not be loaded. */
export function ScreenError({ error, onRetry }: { error: CombinedError; onRetry: () => void }) {
  const text = useMessages(messages);
  return (
    <>
      <Heading title={text.notLoaded} />
      <ErrorNotice error={error} onRetry={onRetry} />
    </>
  );
}
