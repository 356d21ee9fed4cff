import { graphql } from "../graphql/generated";

/** What the study session shows of a card, and what a review changes. */
export const STUDY_CARD = graphql(`
  fragment StudyCard on Card {
    id
    kind
    state
    dueAt
    dueDay
    lastReviewedAt
    intervalDays
    lapses
    leech
    suspended
    subject {
      __typename
      ... on Vocabulary {
        id
        word
        reading
        meanings
        examples {
          japanese
          english
        }
      }
      ... on Kanji {
        id
        character
        meanings
        onyomi
        kunyomi
      }
      ... on CustomVocabulary {
        id
        word
        reading
        meaning
      }
    }
    context {
      text
      page
      book {
        id
        title
      }
    }
    nextReviews {
      quality
      dueAt
      intervalDays
    }
  }
`);

/** What a review changes of the day. */
export const REVIEW_DAY = graphql(`
  fragment ReviewDay on Dashboard {
    id
    dueNow
    reviewsToday
    newToday
    limits {
      newLeft
      reviewsLeft
    }
  }
`);

export const REVIEW_CARDS = graphql(`
  mutation ReviewCards($input: ReviewCardsInput!) {
    reviewCards(input: $input) {
      errors {
        code
        message
        path
      }
      results {
        idempotencyKey
        duplicate
        becameLeech
        error {
          code
          message
          path
        }
        review {
          id
          reviewedAt
        }
        card {
          ...StudyCard
        }
      }
      dashboard {
        ...ReviewDay
      }
    }
  }
`);

export const UNDO_REVIEWS = graphql(`
  mutation UndoReviews($input: UndoReviewsInput!) {
    undoReviews(input: $input) {
      errors {
        code
        message
        path
      }
      cards {
        ...StudyCard
      }
      viewer {
        id
        dashboard {
          ...ReviewDay
        }
      }
    }
  }
`);
