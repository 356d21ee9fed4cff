import { errorOf } from "../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useFormat } from "../../i18n/format";
import { useMessages } from "../../i18n/messages";
import { NumberInput, Select } from "./inputs";
import { messages } from "./messages";
import { SaveButton } from "./SaveButton";
import { StepsInput } from "./StepsInput";
import { useSettingsForm } from "./useSettingsForm";

const SCHEDULING_FORM = graphql(`
  fragment SchedulingForm on StudySettings {
    scheduler
    desiredRetention
    learningSteps
    relearningSteps
    maximumInterval
    easyDays
  }
`);

const FIELDS = ["desiredRetention", "learningSteps", "relearningSteps", "maximumInterval"];
const SHARES = [0, 0.25, 0.5, 0.75, 1];

/** When cards are due. A change reschedules the cards, for a learner with many reviews by a job. */
export function SchedulingForm(props: { settings: FragmentType<typeof SCHEDULING_FORM>; onChanged: () => void }) {
  const text = useMessages(messages);
  const format = useFormat();
  const stored = readFragment(SCHEDULING_FORM, props.settings);
  const { state, values, hasChanges, saved, change, save } = useSettingsForm(stored);
  const isFsrs = values.scheduler === "FSRS";
  return (
    <form
      className="panel"
      aria-label={text.scheduling}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <h2>{text.scheduling}</h2>
      <div className="fields">
        <Select label={text.scheduler} value={values.scheduler} options={text.schedulers} onChange={(scheduler) => change({ scheduler })} />
        <NumberInput
          label={text.maximumInterval}
          value={values.maximumInterval}
          min={1}
          max={36500}
          error={errorOf(state, "maximumInterval")}
          onChange={(maximumInterval) => change({ maximumInterval })}
        />
        {isFsrs && (
          <>
            <NumberInput
              label={text.desiredRetention}
              value={Math.round(100 * values.desiredRetention)}
              min={70}
              max={97}
              error={errorOf(state, "desiredRetention")}
              onChange={(percent) => change({ desiredRetention: percent / 100 })}
            />
            <StepsInput
              label={text.learningSteps}
              value={values.learningSteps}
              error={errorOf(state, "learningSteps")}
              onChange={(learningSteps) => change({ learningSteps })}
            />
            <StepsInput
              label={text.relearningSteps}
              value={values.relearningSteps}
              error={errorOf(state, "relearningSteps")}
              onChange={(relearningSteps) => change({ relearningSteps })}
            />
          </>
        )}
      </div>
      <fieldset className="easy-days">
        <legend>{text.easyDays}</legend>
        {values.easyDays.map((share, day) => (
          <Select
            key={day}
            label={text.weekdays(day)}
            value={String(share)}
            options={Object.fromEntries([...new Set([...SHARES, share])].map((each) => [String(each), format.percent(each)]))}
            onChange={(chosen) => change({ easyDays: values.easyDays.with(day, Number(chosen)) })}
          />
        ))}
      </fieldset>
      <SaveButton state={state} fields={FIELDS} disabled={!hasChanges} saved={saved} onFinished={props.onChanged} />
    </form>
  );
}
