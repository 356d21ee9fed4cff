import { toUploadError } from "./upload";

export interface WaniKaniOptions {
  token: string;
  signal: AbortSignal;
}

/** Lets the server fetch the learner's progress in WaniKani, up to minutes, and returns the id of the upload. */
export async function fetchWaniKani(waniKaniToken: string, { token, signal }: WaniKaniOptions): Promise<string> {
  const response = await fetch("/imports/wanikani", {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ token: waniKaniToken }),
    signal,
  });
  if (!response.ok) throw await toUploadError(response);
  return ((await response.json()) as { uploadId: string }).uploadId;
}
