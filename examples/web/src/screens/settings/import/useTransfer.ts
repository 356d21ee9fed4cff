import { useEffect, useRef, useState } from "react";
import { useMessages } from "../../../i18n/messages";
import { UploadError } from "../../../uploads/upload";
import { messages } from "./messages";

export interface Transfer {
  running: boolean;
  /** Why the last one failed; null if it was cancelled. */
  failure: string | null;
  run: (transfer: (signal: AbortSignal) => Promise<void>) => Promise<void>;
  cancel: () => void;
}

/** Runs a transfer that can be cancelled. It is when the component is unmounted. */
export function useTransfer(): Transfer {
  const text = useMessages(messages);
  const [running, setRunning] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const cancellation = useRef<AbortController | null>(null);
  useEffect(() => () => cancellation.current?.abort(), []);

  const run: Transfer["run"] = async (transfer) => {
    cancellation.current = new AbortController();
    const { signal } = cancellation.current;
    setFailure(null);
    setRunning(true);
    try {
      await transfer(signal);
    } catch (error) {
      if (!signal.aborted) setFailure(error instanceof UploadError ? error.message : text.interrupted);
    } finally {
      setRunning(false);
    }
  };
  return { running, failure, run, cancel: () => cancellation.current?.abort() };
}
