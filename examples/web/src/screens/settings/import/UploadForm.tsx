import { useState } from "react";
import { useSession } from "../../../app/session";
import { ActionNotice } from "../../../components/ActionNotice";
import { Field } from "../../../components/Field";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { upload } from "../../../uploads/upload";
import { Select } from "../inputs";
import { messages } from "./messages";
import { TransferRow } from "./TransferRow";
import { useStartImport } from "./useStartImport";
import { useTransfer } from "./useTransfer";

type Source = "ankiPackage" | "csv" | "shinjpExport";

const guessSource = (fileName: string): Source => {
  if (/\.(apkg|colpkg)$/i.test(fileName)) return "ankiPackage";
  return /\.zip$/i.test(fileName) ? "shinjpExport" : "csv";
};

const toInput = (source: Source, uploadId: string) => {
  const file = { uploadId };
  if (source === "ankiPackage") return { ankiPackage: file };
  return source === "csv" ? { csv: file } : { shinjpExport: file };
};

/** Uploads a file, and starts its import. */
export function UploadForm() {
  const text = useMessages(messages);
  const format = useFormat();
  const { user } = useSession();
  const [state, start] = useStartImport();
  const [file, setFile] = useState<File | null>(null);
  const [source, setSource] = useState<Source>("ankiPackage");
  const [share, setShare] = useState(0);
  const transfer = useTransfer();

  const send = (chosen: File, token: string) =>
    transfer.run(async (signal) => {
      setShare(0);
      const id = await upload(chosen, { token, onProgress: setShare, signal });
      await start(toInput(source, id), signal);
    });

  return (
    <form
      className="panel"
      aria-label={text.upload}
      onSubmit={(event) => {
        event.preventDefault();
        if (file && user) void send(file, user.token);
      }}
    >
      <h2>{text.upload}</h2>
      <p className="muted">{text.uploadHint}</p>
      <div className="fields">
        <Field label={text.file} error={transfer.failure ?? undefined}>
          {(control) => (
            <input
              {...control}
              type="file"
              required
              accept=".apkg,.colpkg,.csv,.tsv,.txt,.zip"
              onChange={({ target }) => {
                const chosen = target.files?.[0] ?? null;
                setFile(chosen);
                if (chosen) setSource(guessSource(chosen.name));
              }}
            />
          )}
        </Field>
        <Select label={text.source} value={source} options={text.sources} onChange={setSource} />
      </div>
      <ActionNotice state={state} />
      <TransferRow label={text.analyze} disabled={state.running} transfer={transfer}>
        <progress aria-label={text.uploading} value={share} max={1} /> <span role="status">{format.percent(share)}</span>
      </TransferRow>
    </form>
  );
}
