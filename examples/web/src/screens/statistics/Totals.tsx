import { Metric } from "../../components/Metric";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useFormat } from "../../i18n/format";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

const TOTALS = graphql(`
  fragment Totals on Statistics {
    reviews
    started
    studyMinutes
    secondsPerReview
    trueRetention
    streakDays
    longestStreakDays
  }
`);

export function Totals(props: { statistics: FragmentType<typeof TOTALS> }) {
  const text = useMessages(messages);
  const format = useFormat();
  const { reviews, started, studyMinutes, secondsPerReview, trueRetention, streakDays, longestStreakDays } = readFragment(
    TOTALS,
    props.statistics,
  );
  const hours = text.hours(format.decimal(studyMinutes / 60));
  return (
    <section className="panel" aria-label={text.totals}>
      <h2>{text.totals}</h2>
      <dl className="metrics">
        <Metric label={text.reviews} value={format.number(reviews)} name="reviews" />
        <Metric label={text.retention} value={typeof trueRetention === "number" ? format.percent(trueRetention) : "–"} name="retention" />
        <Metric label={text.started} value={format.number(started)} name="started" />
        <Metric label={text.time} value={studyMinutes < 60 ? text.minutes(format.number(Math.round(studyMinutes))) : hours} name="time" />
        <Metric
          label={text.perReview}
          value={typeof secondsPerReview === "number" ? text.seconds(format.decimal(secondsPerReview)) : "–"}
          name="seconds"
        />
        <Metric label={text.streak} value={text.days(streakDays)} name="streak" />
        <Metric label={text.longestStreak} value={text.days(longestStreakDays)} name="longest-streak" />
      </dl>
    </section>
  );
}
