import { lazy, Suspense } from "react";
import { Route, Router, Switch, useLocation } from "wouter";
import { Heading } from "../components/Heading";
import { Spinner } from "../components/Spinner";
import { ConnectionProvider } from "../graphql/ConnectionProvider";
import { LanguageProvider } from "../i18n/language";
import { useMessages } from "../i18n/messages";
import { ReviewQueueProvider } from "../reviewQueue/ReviewQueueProvider";
import { UnsavedPositions } from "../screens/reader/UnsavedPositions";
import { messages } from "./messages";
import { ScreenBoundary } from "./ScreenBoundary";
import { SessionProvider } from "./session";
import { Shell } from "./Shell";
import { screens } from "./screens";

const routes = screens.map(({ path, load }) => ({ path, Screen: lazy(load) }));

export function App() {
  return (
    <LanguageProvider>
      <SessionProvider>
        <ConnectionProvider>
          <UnsavedPositions />
          <ReviewQueueProvider>
            <Router base="/app">
              <Shell>
                <Screens />
              </Shell>
            </Router>
          </ReviewQueueProvider>
        </ConnectionProvider>
      </SessionProvider>
    </LanguageProvider>
  );
}

function Screens() {
  const [address] = useLocation();
  return (
    <ScreenBoundary path={address}>
      <Suspense fallback={<Spinner />}>
        <Switch>
          {routes.map(({ path, Screen }) => (
            <Route key={path} path={path} component={Screen} />
          ))}
          <Route>
            <NotFound />
          </Route>
        </Switch>
      </Suspense>
    </ScreenBoundary>
  );
}

function NotFound() {
  const text = useMessages(messages);
  return <Heading title={text.notFound} />;
}
