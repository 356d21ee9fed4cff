import { useState, type FormEvent } from "react";
import { ActionNotice } from "../../../components/ActionNotice";
import { Field } from "../../../components/Field";
import { errorOf, useAction } from "../../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import type { Role } from "../../../graphql/generated/graphql";
import { useMessages } from "../../../i18n/messages";
import { messages as ofUsers } from "../users/messages";
import { ROLES } from "../users/roles";
import { messages } from "./messages";

const USER_ROLE = graphql(`
  fragment AdminUserRole on ManagedUser {
    id
    role
    version
  }
`);

const SET_ROLE = graphql(`
  mutation SetUserRole($input: SetUserRoleInput!) {
    setUserRole(input: $input) {
      errors {
        code
        message
        path
      }
      user {
        id
        ...AdminUserRole
      }
    }
  }
`);

export function RoleForm(props: { user: FragmentType<typeof USER_ROLE> }) {
  const text = useMessages(messages);
  const { role: label, roles } = useMessages(ofUsers);
  const user = readFragment(USER_ROLE, props.user);
  const [role, setRole] = useState(user.role);
  const [reason, setReason] = useState("");
  const [action, run] = useAction(SET_ROLE, (data) => data.setUserRole);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await run({ input: { userId: user.id, role, reason, expectedRole: user.role } })) setReason("");
  };
  return (
    <form className="panel" onSubmit={(event) => void submit(event)}>
      <h2>
        {label}: {roles[user.role]}
      </h2>
      <Field label={text.newRole} error={errorOf(action, "role")}>
        {(control) => (
          <select {...control} value={role} onChange={({ target }) => setRole(target.value as Role)}>
            {ROLES.map((one) => (
              <option key={one} value={one}>
                {roles[one]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={text.roleReason} error={errorOf(action, "reason")}>
        {(control) => <input {...control} value={reason} onChange={({ target }) => setReason(target.value)} />}
      </Field>
      <ActionNotice state={action} fields={["role", "reason"]} />
      <div>
        <button className="primary" disabled={action.running || role === user.role}>
          {text.changeRole}
        </button>
      </div>
    </form>
  );
}
