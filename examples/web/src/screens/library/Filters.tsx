import type { ReactNode } from "react";
import { Field } from "../../components/Field";
import { LEVELS } from "../../components/levels";
import { SearchInput } from "../../components/SearchInput";
import { useFormat } from "../../i18n/format";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";
import { SHARES, STATUSES, type useBookFilter } from "./useBookFilter";

/** What the list shows, and in which order. Signed out, there is nothing about known words and progress. */
export function Filters({ isSignedIn, orders, values, choose }: ReturnType<typeof useBookFilter>) {
  const text = useMessages(messages);
  const format = useFormat();
  return (
    <form role="search" className="filters panel" aria-label={text.filters} onSubmit={(event) => event.preventDefault()}>
      <SearchInput
        label={text.search}
        value={values.search}
        placeholder={text.searchHint}
        onChange={(search) => choose("search", search)}
      />
      <Select label={text.level} value={values.level ?? ""} onChange={(level) => choose("level", level)}>
        <option value="">{text.allLevels}</option>
        {LEVELS.map((level) => (
          <option key={level}>{level}</option>
        ))}
      </Select>
      {isSignedIn && (
        <>
          <Select label={text.known} value={values.known ?? ""} onChange={(known) => choose("known", known)}>
            <option value="">{text.anyKnown}</option>
            {SHARES.map((share) => (
              <option key={share} value={share}>
                {text.knownShare(format.percent(Number(share)))}
              </option>
            ))}
          </Select>
          <Select label={text.status} value={values.status ?? ""} onChange={(status) => choose("status", status)}>
            <option value="">{text.anyStatus}</option>
            {STATUSES.map((status) => (
              <option key={status} value={status}>
                {text.statuses[status]}
              </option>
            ))}
          </Select>
        </>
      )}
      <Select label={text.order} value={values.order} onChange={(order) => choose("order", order)}>
        {orders.map((order) => (
          <option key={order} value={order}>
            {text.orders[order]}
          </option>
        ))}
      </Select>
      <label className="check">
        <input
          type="checkbox"
          checked={values.hasText}
          onChange={({ target }) => choose("text", target.checked ? "1" : "")}
        />{" "}
        {text.textOnly}
      </label>
    </form>
  );
}

function Select({ label, value, onChange, children }: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  children: ReactNode;
}) {
  return (
    <Field label={label}>
      {(control) => (
        <select {...control} value={value} onChange={({ target }) => onChange(target.value)}>
          {children}
        </select>
      )}
    </Field>
  );
}
