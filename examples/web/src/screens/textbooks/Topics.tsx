import { Fragment } from "react";
import { languageOf } from "../../i18n/languageOf";

/** The topics of a textbook, in the languages in which they were requested. */
export function Topics({ topics }: { topics: readonly string[] }) {
  return topics.map((topic, index) => (
    <Fragment key={topic}>
      {index > 0 && ", "}
      <span lang={languageOf(topic)}>{topic}</span>
    </Fragment>
  ));
}
