import type { JobKind, JobStatus } from "../../../graphql/generated/graphql";

export const KINDS: readonly JobKind[] = [
  "GENERATE_TEXTBOOK",
  "EXPORT",
  "ANALYZE_BOOK",
  "ANALYZE_TEXT",
  "FIT_PARAMETERS",
  "RESCHEDULE_CARDS",
  "ANALYZE_IMPORT",
  "RUN_IMPORT",
  "REFRESH_ANALYTICS",
  "CLEANUP",
];

export const STATUSES: readonly JobStatus[] = ["QUEUED", "RUNNING", "RETRYING", "SUCCEEDED", "FAILED", "CANCELLED"];
