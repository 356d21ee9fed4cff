import { useMessages } from "../../../i18n/messages";
import { CheckBox, Select } from "../inputs";
import { KINDS, ROLES, type Mapping, type NoteType } from "./mapping";
import { messages } from "./messages";

const OMITTED = "";

/** The mapping of a note type: fields, and what the cards of its templates ask. */
export function NoteTypeFields({ noteType, mapping, onChange }: {
  noteType: NoteType;
  mapping: Mapping;
  onChange: (mapping: Mapping) => void;
}) {
  const text = useMessages(messages);
  const { fields, kinds } = mapping;
  const options = Object.fromEntries([["", text.none], ...noteType.fields.map(({ name, samples }) => [name, text.field(name, samples[0] ?? "")])]);
  return (
    <fieldset className="note-type">
      <legend>
        <CheckBox
          label={text.noteType(noteType.name, noteType.noteCount)}
          value={mapping.included}
          onChange={(included) => onChange({ ...mapping, included })}
        />
      </legend>
      {mapping.included && (
        <div className="fields">
          {ROLES.map((role) => (
            <Select
              key={role}
              label={text.roles[role]}
              value={fields[role]}
              options={options}
              onChange={(name) => onChange({ ...mapping, fields: { ...fields, [role]: name } })}
            />
          ))}
          <Select label={text.subject} value={mapping.subject} options={text.subjects} onChange={(subject) => onChange({ ...mapping, subject })} />
          {noteType.templates.map(({ ordinal, name }) => (
            <Select
              key={ordinal}
              label={text.template(name)}
              value={kinds[ordinal] ?? OMITTED}
              options={{ ...text.kinds, [OMITTED]: text.notImported }}
              onChange={(kind) => onChange({ ...mapping, kinds: kinds.with(ordinal, kind === OMITTED ? null : kind) })}
            />
          ))}
          {noteType.templates.length === 0 &&
            KINDS.map((kind) => (
              <CheckBox
                key={kind}
                label={text.kinds[kind]}
                value={kinds.includes(kind)}
                onChange={(isAdded) => onChange({ ...mapping, kinds: KINDS.filter((each) => (each === kind ? isAdded : kinds.includes(each))) })}
              />
            ))}
        </div>
      )}
    </fieldset>
  );
}
