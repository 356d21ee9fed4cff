import type { JlptLevel } from "../graphql/generated/graphql";

/** The easiest level first. */
export const LEVELS: readonly JlptLevel[] = ["N5", "N4", "N3", "N2", "N1"];
