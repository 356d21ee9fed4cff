import { useState } from "react";
import { useAction } from "../../components/useAction";
import { graphql } from "../../graphql/generated";
import type { UpdateStudySettingsInput } from "../../graphql/generated/graphql";

const UPDATE_STUDY_SETTINGS = graphql(`
  mutation UpdateStudySettings($input: UpdateStudySettingsInput!) {
    updateStudySettings(input: $input) {
      errors {
        code
        message
        path
      }
      settings {
        id
        ...StudyForm
        ...SchedulingForm
      }
      job {
        id
        ...JobProgress
      }
    }
  }
`);

/** A part of the study settings that is edited and saved together. Only changed values are sent. */
export function useSettingsForm<Values extends UpdateStudySettingsInput>(stored: Values) {
  const [state, update] = useAction(UPDATE_STUDY_SETTINGS, (data) => data.updateStudySettings);
  const [changes, setChanges] = useState<Partial<Values>>({});
  const [saved, setSaved] = useState<Awaited<ReturnType<typeof update>>>(null);
  return {
    state,
    values: { ...stored, ...changes },
    hasChanges: Object.keys(changes).length > 0,
    /** The payload of the last change; null while there are other changes. */
    saved,
    change(values: Partial<Values>) {
      setSaved(null);
      setChanges((former) => ({ ...former, ...values }));
    },
    async save() {
      const payload = await update({ input: changes });
      if (payload) setChanges({});
      setSaved(payload);
    },
  };
}
