// Read by Relay's compiler, which names operations after their module.
import { graphql } from "relay-runtime";

export const kanjiQuery = graphql`
  query KanjiQuery($character: String!) {
    kanji(character: $character) {
      ...Kanji_meanings
    }
  }
`;

export const meanings = graphql`
  fragment Kanji_meanings on Kanji {
    character
    meanings
  }
`;

export const settingsMutation = graphql`
  mutation KanjiSettingsMutation($input: UpdateStudySettingsInput!) {
    updateStudySettings(input: $input) {
      settings {
        newCardsPerDay
      }
      errors {
        code
      }
    }
  }
`;
