// Uploads a file by tus 1.0.0, in chunks. After a failure it continues at the offset that the server has.

const ENDPOINT = "/uploads";
const CHUNK_BYTES = 4 * 1024 * 1024;
const MAX_FAILURES = 5;
const PAUSE_MILLISECONDS = 1_000;

/** The server has rejected the file, with its reason. */
export class UploadError extends Error {}

export interface UploadOptions {
  token: string;
  /** Gets the share that is uploaded, between 0 and 1. */
  onProgress: (share: number) => void;
  signal: AbortSignal;
}

/** Uploads a file, and returns the id of the upload. */
export async function upload(file: File, { token, onProgress, signal }: UploadOptions): Promise<string> {
  const headers = { Authorization: `Bearer ${token}`, "Tus-Resumable": "1.0.0" };
  const metadata = `filename ${toBase64(file.name)}`;
  const created = await send(ENDPOINT, { method: "POST", headers: { ...headers, "Upload-Length": String(file.size), "Upload-Metadata": metadata }, signal });
  // The path only: the server may be behind a proxy of the development server.
  const { pathname } = new URL(created.headers.get("Location")!, location.href);
  const append = { ...headers, "Content-Type": "application/offset+octet-stream" };
  let offset = 0;
  let failures = 0;
  while (offset < file.size) {
    try {
      if (failures > 0) offset = toOffset(await send(pathname, { method: "HEAD", headers, signal }));
      if (offset < file.size) {
        const body = file.slice(offset, offset + CHUNK_BYTES);
        offset = toOffset(await send(pathname, { method: "PATCH", headers: { ...append, "Upload-Offset": String(offset) }, body, signal }));
      }
      failures = 0;
      onProgress(offset / file.size);
    } catch (error) {
      failures += 1;
      if (error instanceof UploadError || signal.aborted || failures > MAX_FAILURES) throw error;
      await new Promise((resolve) => setTimeout(resolve, failures * PAUSE_MILLISECONDS));
    }
  }
  return pathname.split("/").at(-1)!;
}

async function send(url: string, request: RequestInit): Promise<Response> {
  const response = await fetch(url, request);
  if (response.ok) return response;
  // A conflict of offsets, and failures of the server, are retried.
  if (response.status === 409 || response.status >= 500) throw new Error(`${response.status}`);
  throw await toUploadError(response);
}

/** The reason in a response that is no success. */
export async function toUploadError(response: Response): Promise<UploadError> {
  const body = (await response.json().catch(() => null)) as { errors?: { message: string }[] } | null;
  return new UploadError(body?.errors?.[0]?.message ?? `${response.status}`);
}

const toOffset = ({ headers }: Response): number => Number(headers.get("Upload-Offset"));

const toBase64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
