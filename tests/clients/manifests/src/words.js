// Read by Apollo's tool.
import { gql } from "@apollo/client";

export const WORD_PARTS = gql`
  fragment WordParts on Vocabulary {
    id
    word
    reading
  }
`;

export const WORDS = gql`
  query Words($first: Int = 5, $withMeanings: Boolean = false) {
    vocabulary(first: $first, filter: { jlptLevels: [N5] }) {
      nodes {
        ...WordParts
        meanings @include(if: $withMeanings)
      }
    }
  }
`;

export const KANJI = gql`
  query Kanji($character: String!) {
    kanji(character: $character) {
      id
      character
      meanings
    }
  }
`;

export const SET_NEW_CARDS = gql`
  mutation SetNewCards($newCardsPerDay: Int!) {
    updateStudySettings(input: { newCardsPerDay: $newCardsPerDay }) {
      settings {
        id
        newCardsPerDay
      }
      errors {
        code
        path
      }
    }
  }
`;

export const DUE_CARDS = gql`
  subscription DueCards {
    dashboardUpdated {
      id
      dueNow
    }
  }
`;
