import { Link } from "wouter";
import { Heading } from "../../components/Heading";
import { Notice } from "../../components/Notice";
import { ScreenError } from "../../components/ScreenError";
import { Spinner } from "../../components/Spinner";
import { useMessages } from "../../i18n/messages";
import { EmptySession } from "./EmptySession";
import { messages } from "./messages";
import { Question } from "./Question";
import { SessionNotices } from "./SessionNotices";
import { SessionHeader } from "./SessionHeader";
import { useStudySession } from "./useStudySession";
import "./review.css";

export default function Review() {
  const text = useMessages(messages);
  const study = useStudySession();
  const { session, current } = study;
  if (study.isSignedOut) {
    return (
      <>
        <Heading title={text.review} />
        <Notice>
          {text.signedOut} <Link href="/library">{text.toLibrary}</Link>
        </Notice>
      </>
    );
  }
  if (!session) return study.error ? <ScreenError error={study.error} onRetry={study.retry} /> : <Spinner />;
  return (
    <div className="review">
      <Heading title={text.review} />
      <SessionHeader study={study} />
      {current && (
        <Question
          key={`${study.turn} ${current.card.id}`}
          shown={current}
          onGrade={study.grade}
          onUndo={study.canUndo ? study.undo : null}
        />
      )}
      {!current && (study.isLoading || (study.pending.length > 0 && !study.sendError)) && <Spinner />}
      {!current && study.sendError && <Notice>{text.noMoreOffline}</Notice>}
      {!current && !study.isLoading && study.pending.length === 0 && <EmptySession nextDueAt={session.nextDueAt ?? null} />}
      <SessionNotices sendError={study.sendError} loadError={study.loadError} onRetry={study.load} />
    </div>
  );
}
