import { useMessages } from "../../i18n/messages";
import { GRADES, type Quality } from "./grades";
import { messages } from "./messages";
import type { ShownCard } from "./order";
import { useInterval } from "./useInterval";

/** The grades with the intervals that they would give. */
export function GradeButtons({ shown, onGrade }: { shown: ShownCard; onGrade: (quality: Quality) => void }) {
  const text = useMessages(messages);
  const interval = useInterval();
  const { card, isCurrent } = shown;
  return (
    <div className="review-grades" role="group" aria-label={text.grades}>
      {GRADES.map(({ key, name, quality }) => {
        const preview = isCurrent ? card.nextReviews.find((preview) => preview.quality === quality) : undefined;
        return (
          <button key={key} className={`review-${name}`} onClick={() => onGrade(quality)} aria-keyshortcuts={key}>
            <span>
              {text.gradeNames[name]} <kbd>{key}</kbd>
            </span>
            <span className="muted">{preview ? interval(preview.dueAt, preview.intervalDays) : "–"}</span>
          </button>
        );
      })}
    </div>
  );
}
