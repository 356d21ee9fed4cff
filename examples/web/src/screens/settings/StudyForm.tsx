import { useMemo } from "react";
import { errorOf } from "../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useMessages } from "../../i18n/messages";
import { CheckBox, NumberInput, Select, TextInput } from "./inputs";
import { messages } from "./messages";
import { SaveButton } from "./SaveButton";
import { useSettingsForm } from "./useSettingsForm";

const STUDY_FORM = graphql(`
  fragment StudyForm on StudySettings {
    newCardsPerDay
    reviewsPerDay
    timeZone
    dayStartsAt
    newCardMix
    newCardOrder
    burySiblings
    leechThreshold
    leechAction
    streakFreezesPerMonth
  }
`);

const FIELDS = ["newCardsPerDay", "reviewsPerDay", "timeZone", "dayStartsAt", "leechThreshold", "streakFreezesPerMonth"];

/** What a day of study has. */
export function StudyForm(props: { settings: FragmentType<typeof STUDY_FORM>; onChanged: () => void }) {
  const text = useMessages(messages);
  const stored = readFragment(STUDY_FORM, props.settings);
  const { state, values, hasChanges, saved, change, save } = useSettingsForm(stored);
  const timeZones = useMemo(() => Intl.supportedValuesOf("timeZone"), []);
  return (
    <form
      className="panel"
      aria-label={text.study}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <h2>{text.study}</h2>
      <div className="fields">
        <NumberInput
          label={text.newCardsPerDay}
          value={values.newCardsPerDay}
          min={0}
          max={9999}
          error={errorOf(state, "newCardsPerDay")}
          onChange={(newCardsPerDay) => change({ newCardsPerDay })}
        />
        <NumberInput
          label={text.reviewsPerDay}
          value={values.reviewsPerDay}
          min={0}
          max={9999}
          error={errorOf(state, "reviewsPerDay")}
          onChange={(reviewsPerDay) => change({ reviewsPerDay })}
        />
        <Select label={text.newCardMix} value={values.newCardMix} options={text.mixes} onChange={(newCardMix) => change({ newCardMix })} />
        <Select
          label={text.newCardOrder}
          value={values.newCardOrder}
          options={text.orders}
          onChange={(newCardOrder) => change({ newCardOrder })}
        />
        <TextInput
          label={text.timeZone}
          value={values.timeZone}
          options={timeZones}
          required
          error={errorOf(state, "timeZone")}
          onChange={(timeZone) => change({ timeZone })}
        />
        <NumberInput
          label={text.dayStartsAt}
          value={values.dayStartsAt}
          min={0}
          max={23}
          error={errorOf(state, "dayStartsAt")}
          onChange={(dayStartsAt) => change({ dayStartsAt })}
        />
        <NumberInput
          label={text.leechThreshold}
          value={values.leechThreshold}
          min={0}
          max={99}
          error={errorOf(state, "leechThreshold")}
          onChange={(leechThreshold) => change({ leechThreshold })}
        />
        <Select label={text.leechAction} value={values.leechAction} options={text.leechActions} onChange={(leechAction) => change({ leechAction })} />
        <NumberInput
          label={text.streakFreezes}
          value={values.streakFreezesPerMonth}
          min={0}
          max={10}
          error={errorOf(state, "streakFreezesPerMonth")}
          onChange={(streakFreezesPerMonth) => change({ streakFreezesPerMonth })}
        />
        <CheckBox label={text.burySiblings} value={values.burySiblings} onChange={(burySiblings) => change({ burySiblings })} />
      </div>
      <SaveButton state={state} fields={FIELDS} disabled={!hasChanges} saved={saved} onFinished={props.onChanged} />
    </form>
  );
}
