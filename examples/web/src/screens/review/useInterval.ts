import { useLanguage } from "../../i18n/language";

const MINUTES_OF_DAY = 24 * 60;
const DAYS_OF_MONTH = 30.4;

/** An interval in its largest unit: minutes until `dueAt` in learning steps, else days, months or years. */
export function useInterval() {
  const { language } = useLanguage();
  const format = (value: number, unit: string, digits = 0) =>
    new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits }).format(value);
  return (dueAt: string, days: number): string => {
    const minutes = Math.max(1, Math.round((Date.parse(dueAt) - Date.now()) / 60_000));
    if (days < 1) return minutes < 60 ? format(minutes, "minute") : format(Math.min(minutes, MINUTES_OF_DAY) / 60, "hour");
    if (days < DAYS_OF_MONTH) return format(days, "day");
    if (days < 12 * DAYS_OF_MONTH) return format(days / DAYS_OF_MONTH, "month", 1);
    return format(days / 365, "year", 1);
  };
}
