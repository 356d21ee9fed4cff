import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";
import "./diff.css";

const CONTEXT = 60;

/** The difference of two values, given as JSON: what both start and end with is displayed once, and shortened. */
export function Diff({ before, after }: { before: string; after: string }) {
  const text = useMessages(messages);
  const [old, current] = [[...display(before)], [...display(after)]];
  const start = countEqual(old, current);
  const end = Math.min(countEqual(old.toReversed(), current.toReversed()), old.length - start, current.length - start);
  const removed = old.slice(start, old.length - end).join("");
  const added = current.slice(start, current.length - end).join("");
  return (
    <p className="diff">
      {start > CONTEXT && "…"}
      {current.slice(Math.max(0, start - CONTEXT), start).join("")}
      {removed && (
        <del>
          <span className="visually-hidden">{text.removed}: </span>
          {removed}
        </del>
      )}
      {added && (
        <ins>
          <span className="visually-hidden">{text.added}: </span>
          {added}
        </ins>
      )}
      {current.slice(current.length - end, current.length - end + CONTEXT).join("")}
      {end > CONTEXT && "…"}
    </p>
  );
}

function display(json: string): string {
  const value: unknown = JSON.parse(json);
  if (value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value, null, 1);
}

function countEqual(one: readonly string[], other: readonly string[]): number {
  const index = one.findIndex((character, position) => character !== other[position]);
  return index < 0 ? Math.min(one.length, other.length) : index;
}
