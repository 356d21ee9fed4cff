export const PERIODS = [30, 90, 365] as const;

const DAY = 86_400_000;

/** The last days up to today, in UTC. */
export function rangeOf(days: number): { from: string; to: string } {
  const date = (time: number) => new Date(time).toISOString().slice(0, 10);
  const now = Date.now();
  return { from: date(now - (days - 1) * DAY), to: date(now) };
}
