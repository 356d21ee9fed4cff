import { languageOf } from "../i18n/languageOf";
import type { UserError } from "./useAction";

/** Errors of a mutation that the user can correct. */
export function UserErrors({ errors }: { errors: readonly UserError[] | undefined }) {
  if (!errors?.length) return null;
  return (
    <ul role="alert" className="panel errors">
      {errors.map(({ code, message, path }) => (
        <li key={[message, ...path].join()} data-code={code} lang={languageOf(message)}>
          {message}
        </li>
      ))}
    </ul>
  );
}
