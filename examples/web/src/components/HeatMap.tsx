import { useLayoutEffect, useRef } from "react";
import { useFormat } from "../i18n/format";
import { useMessages } from "../i18n/messages";
import { messages } from "./messages";
import "./heatMap.css";

const DAYS = 7;
const SIZE = 12;

interface Day {
  date: string;
  reviews: number;
}

/** Reviews by day as a calendar: a column for each week, Monday first. */
export function HeatMap({ days }: { days: readonly Day[] }) {
  const text = useMessages(messages);
  const format = useFormat();
  const region = useRef<HTMLDivElement>(null);
  // Where the year does not fit, its end is visible: today.
  useLayoutEffect(() => {
    if (region.current) region.current.scrollLeft = region.current.scrollWidth;
  }, [days.length]);
  const first = days[0];
  if (first === undefined) return null;
  const offset = (new Date(`${first.date}T00:00:00Z`).getUTCDay() + DAYS - 1) % DAYS;
  const weeks = Math.ceil((days.length + offset) / DAYS);
  const most = Math.max(1, ...days.map(({ reviews }) => reviews));
  const total = days.reduce((sum, { reviews }) => sum + reviews, 0);
  return (
    <div ref={region} className="scroll" tabIndex={0} role="group" aria-label={text.heatMap(format.number(total))}>
      <svg className="heat-map" width={weeks * SIZE} height={DAYS * SIZE} role="img" aria-label={text.heatMap(format.number(total))}>
        {days.map(({ date, reviews }, index) => (
          <rect
            key={date}
            className={`heat-${level(reviews, most)}`}
            x={Math.floor((index + offset) / DAYS) * SIZE}
            y={((index + offset) % DAYS) * SIZE}
            width={SIZE - 2}
            height={SIZE - 2}
            rx={2}
          >
            <title>{`${format.date(date)}: ${format.number(reviews)}`}</title>
          </rect>
        ))}
      </svg>
    </div>
  );
}

/** 0 for no review, else 1 to 4. */
const level = (reviews: number, most: number): number => (reviews === 0 ? 0 : Math.ceil((4 * reviews) / most));
