// The periods that a learner can choose. The API has at most 3,660 days, and 366 items, in a request.
import type { StatisticsQueryVariables } from "../../graphql/generated/graphql";

export const PERIODS = ["month", "quarter", "year", "all"] as const;
export type Period = (typeof PERIODS)[number];

const DAYS: Record<Period, number> = { month: 30, quarter: 90, year: 365, all: 3_650 };

export const UNITS: Record<Period, StatisticsQueryVariables["unit"]> = { month: "DAY", quarter: "DAY", year: "WEEK", all: "MONTH" };

export const isPeriod = (name: string | null): name is Period => PERIODS.some((period) => period === name);

/** The first day of the period that ends today, by the browser's clock. */
export function firstDay(period: Period): string {
  const now = new Date();
  const first = new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate() - DAYS[period] + 1));
  return first.toISOString().slice(0, 10);
}
