import type { FormEvent } from "react";
import { useLocation } from "wouter";
import { ActionNotice } from "../../../components/ActionNotice";
import { Field } from "../../../components/Field";
import { errorOf, useAction } from "../../../components/useAction";
import { LEVELS } from "../../../components/levels";
import { graphql } from "../../../graphql/generated";
import type { JlptLevel } from "../../../graphql/generated/graphql";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";

const CREATE = graphql(`
  mutation CreateEditorialBook($input: CreateBookInput!) {
    createBook(input: $input) {
      errors {
        code
        message
        path
      }
      book {
        id
      }
    }
  }
`);

const FIELDS = ["title", "author", "description", "jlptLevel", "pageCount"] as const;

export function CreateBook() {
  const text = useMessages(messages);
  const [, navigate] = useLocation();
  const [action, create] = useAction(CREATE, (data) => data.createBook);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const values = new FormData(event.currentTarget);
    const read = (name: (typeof FIELDS)[number]) => String(values.get(name) ?? "");
    const payload = await create({
      input: {
        title: read("title"),
        author: read("author"),
        description: read("description"),
        jlptLevel: read("jlptLevel") as JlptLevel,
        pageCount: Number(read("pageCount")),
      },
    });
    if (payload?.book) navigate(`/editorial/books/${payload.book.id}`);
  };
  return (
    <details className="panel">
      <summary>{text.create}</summary>
      <form onSubmit={(event) => void submit(event)}>
        <p className="muted">{text.createHint}</p>
        <div className="fields">
          <Field label={text.title} error={errorOf(action, "title")}>
            {(control) => <input {...control} name="title" lang="ja" />}
          </Field>
          <Field label={text.author} error={errorOf(action, "author")}>
            {(control) => <input {...control} name="author" lang="ja" />}
          </Field>
          <Field label={text.level} error={errorOf(action, "jlptLevel")}>
            {(control) => (
              <select {...control} name="jlptLevel">
                {LEVELS.map((level) => (
                  <option key={level}>{level}</option>
                ))}
              </select>
            )}
          </Field>
          <Field label={text.pageCount} error={errorOf(action, "pageCount")}>
            {(control) => <input {...control} name="pageCount" type="number" min={1} defaultValue={1} required />}
          </Field>
        </div>
        <Field label={text.description} error={errorOf(action, "description")}>
          {(control) => <textarea {...control} name="description" lang="en" />}
        </Field>
        <ActionNotice state={action} fields={FIELDS} />
        <button className="primary" disabled={action.running}>
          {text.create}
        </button>
      </form>
    </details>
  );
}
