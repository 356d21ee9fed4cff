import { graphql } from "../../graphql/generated";

/** Part of `Viewer`, so that an extension of the limits returns the new session. */
export const SESSION = graphql(`
  fragment Session on Viewer {
    id
    studySession(first: $first) {
      cards {
        ...StudyCard
      }
      newLeft
      learningLeft
      reviewsLeft
      nextDueAt
    }
    dashboard {
      id
      reviewsToday
      limits {
        newLeft
        reviewsLeft
      }
    }
  }
`);

export const STUDY = graphql(`
  query Study($first: Int!) {
    viewer {
      id
      ...Shell
      ...Session
    }
  }
`);

export const STUDY_CHANGED = graphql(`
  subscription StudyChanged {
    dashboardUpdated {
      id
      reviewsToday
      newToday
      limits {
        newLeft
        reviewsLeft
      }
    }
  }
`);

export const EXTEND_LIMITS = graphql(`
  mutation ExtendTodayLimits($input: ExtendTodayLimitsInput!, $first: Int!) {
    extendTodayLimits(input: $input) {
      errors {
        code
        message
        path
      }
      viewer {
        ...Session
      }
    }
  }
`);

export const CHECK_ANSWER = graphql(`
  query CheckAnswer($cardId: ID!, $answer: String!) {
    checkAnswer(cardId: $cardId, answer: $answer) {
      result
      expected
    }
  }
`);
