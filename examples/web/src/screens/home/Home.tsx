import { useQuery, useSubscription } from "urql";
import { Link } from "wouter";
import { ErrorNotice } from "../../components/ErrorNotice";
import { HeatMap } from "../../components/HeatMap";
import { Metric } from "../../components/Metric";
import { Heading } from "../../components/Heading";
import { Notice } from "../../components/Notice";
import { ScreenError } from "../../components/ScreenError";
import { Spinner } from "../../components/Spinner";
import { graphql, readFragment } from "../../graphql/generated";
import { useFormat } from "../../i18n/format";
import { useMessages } from "../../i18n/messages";
import { Continue } from "./Continue";
import { Forecast } from "./Forecast";
import { messages } from "./messages";
import { Notifications } from "./Notifications";

const DASHBOARD = graphql(`
  fragment HomeDashboard on Dashboard {
    id
    streakDays
    streakFreezesLeft
    dueNow
    reviewsToday
    newToday
    retention30d
    activity(days: 366) {
      date
      reviews
    }
    ...Forecast
  }
`);

const HOME = graphql(`
  query Home {
    viewer {
      id
      ...Shell
      user {
        id
        displayName
      }
      dashboard {
        ...HomeDashboard
      }
      continue {
        ...Continue
      }
      notifications(first: 5) {
        nodes {
          ...Notification
        }
      }
    }
  }
`);

// The cache stores the dashboard by its id, so that the screen follows without another request.
const DASHBOARD_UPDATED = graphql(`
  subscription DashboardUpdated {
    dashboardUpdated {
      ...HomeDashboard
    }
  }
`);

export default function Home() {
  const text = useMessages(messages);
  const format = useFormat();
  const [{ data, error, fetching }, reload] = useQuery({ query: HOME });
  useSubscription({ query: DASHBOARD_UPDATED, pause: !data?.viewer });
  if (!data) return error ? <ScreenError error={error} onRetry={reload} /> : fetching && <Spinner />;
  const { viewer } = data;
  if (!viewer) return <Welcome />;
  const dashboard = readFragment(DASHBOARD, viewer.dashboard ?? null);
  return (
    <>
      <Heading title={text.home}>{text.greeting(viewer.user?.displayName ?? "")}</Heading>
      {error && <ErrorNotice error={error} onRetry={reload} />}
      <div className="grid">
        <section className="panel" aria-label={text.today}>
          <h2>{text.today}</h2>
          {dashboard && (
            <dl className="metrics">
              <Metric label={text.due} value={format.number(dashboard.dueNow)} name="due" />
              <Metric label={text.streak} value={text.days(dashboard.streakDays)} name="streak" />
              <Metric label={text.reviewsToday} value={format.number(dashboard.reviewsToday)} name="reviews-today" />
              <Metric label={text.newToday} value={format.number(dashboard.newToday)} name="new-today" />
              <Metric
                label={text.retention}
                value={typeof dashboard.retention30d === "number" ? format.percent(dashboard.retention30d) : "–"}
                name="retention"
              />
              <Metric label={text.freezes} value={format.number(dashboard.streakFreezesLeft)} name="freezes" />
            </dl>
          )}
        </section>
        {viewer.continue && <Continue point={viewer.continue} />}
      </div>
      {dashboard && (
        <>
          <section className="panel">
            <h2>{text.year}</h2>
            <HeatMap days={dashboard.activity ?? []} />
          </section>
          <Forecast dashboard={dashboard} />
        </>
      )}
      <Notifications notifications={viewer.notifications?.nodes ?? []} />
    </>
  );
}

function Welcome() {
  const text = useMessages(messages);
  return (
    <>
      <Heading title={text.home} />
      <Notice>
        {text.welcome} <Link href="/library">{text.toLibrary}</Link>
      </Notice>
    </>
  );
}
