import { useState } from "react";
import { useQuery, useSubscription } from "urql";
import { Link } from "wouter";
import { ErrorNotice } from "../../components/ErrorNotice";
import { Heading } from "../../components/Heading";
import { Notice } from "../../components/Notice";
import { Spinner } from "../../components/Spinner";
import { graphql } from "../../graphql/generated";
import { useMessages } from "../../i18n/messages";
import { GenerateForm } from "./GenerateForm";
import { Generations } from "./Generations";
import type { JlptLevel } from "../../graphql/generated/graphql";
import { messages } from "./messages";
import "./textbooks.css";

const GENERATE = graphql(`
  query Generate($level: JlptLevel!) {
    viewer {
      id
      ...Shell
      ...Generations
    }
    textbookTopics(jlptLevel: $level) {
      ...Topic
    }
  }
`);

// The cache stores jobs by their ids, so that each progress bar follows.
const JOBS = graphql(`
  subscription GenerationProgress {
    myJobs {
      ...GenerationJob
    }
  }
`);

/** Requests a textbook, and shows how it is written. */
export default function Generate() {
  const text = useMessages(messages);
  const [level, setLevel] = useState<JlptLevel>("N5");
  const [{ data, error, fetching }, reload] = useQuery({ query: GENERATE, variables: { level } });
  const viewer = data?.viewer ?? null;
  useSubscription({ query: JOBS, pause: viewer === null });
  if (data && !viewer) {
    return (
      <>
        <Heading title={text.generate} />
        <Notice>
          {text.signInToGenerate} <Link href="/textbooks">{text.textbooks}</Link>
        </Notice>
      </>
    );
  }
  return (
    <>
      <Heading title={text.generate} />
      {error && <ErrorNotice error={error} onRetry={reload} />}
      {!viewer && fetching && <Spinner />}
      {viewer && (
        <div className="grid">
          <GenerateForm level={level} topics={data?.textbookTopics ?? []} onLevel={setLevel} />
          <Generations viewer={viewer} />
        </div>
      )}
    </>
  );
}
