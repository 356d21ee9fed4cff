// Numbers, dates and durations in the language of the interface.
import { useMemo } from "react";
import { useLanguage } from "./language";

const UNITS = [
  { unit: "day", seconds: 86_400 },
  { unit: "hour", seconds: 3_600 },
  { unit: "minute", seconds: 60 },
  { unit: "second", seconds: 1 },
] as const;

export function useFormat() {
  const { language } = useLanguage();
  return useMemo(() => {
    const number = new Intl.NumberFormat(language);
    const decimal = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
    const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
    const exactPercent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
    const day = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" });
    const shortDay = new Intl.DateTimeFormat(language, { month: "short", day: "numeric", timeZone: "UTC" });
    const units = UNITS.map(({ unit, seconds }) => ({ seconds, format: new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }) }));
    const month = new Intl.DateTimeFormat(language, { year: "numeric", month: "short", timeZone: "UTC" });
    const time = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
    return {
      number: (value: number) => number.format(value),
      /** A number with one decimal. */
      decimal: (value: number) => decimal.format(value),
      /** `share`: between 0 and 1. */
      percent: (share: number) => percent.format(share),
      /** A share with one decimal. */
      percentExact: (share: number) => exactPercent.format(share),
      /** `date`: a calendar date, `2026-11-27`. */
      date: (date: string) => day.format(new Date(`${date}T00:00:00Z`)),
      /** A date without its year. */
      shortDate: (date: string) => shortDay.format(new Date(`${date}T00:00:00Z`)),
      /** The month of a date. */
      month: (date: string) => month.format(new Date(`${date}T00:00:00Z`)),
      /** `instant`: a timestamp. */
      dateTime: (instant: string) => time.format(new Date(instant)),
      /** A duration in the largest unit of which it is a multiple. */
      duration(duration: number): string {
        const { seconds, format } = units.find(({ seconds }) => duration >= seconds && duration % seconds === 0) ?? units.at(-1)!;
        return format.format(duration / seconds);
      },
      list: (items: readonly string[]) => items.join(language === "ja" ? "、" : ", "),
    };
  }, [language]);
}
