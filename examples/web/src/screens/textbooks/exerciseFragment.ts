import { graphql } from "../../graphql/generated";

export const EXERCISE = graphql(`
  fragment Exercise on Exercise {
    id
    kind
    title
    task
    answerLanguage
    options
    prompts {
      text
      translation
    }
    lastAttempt {
      id
      correctCount
      results {
        isCorrect
        givenOption
        givenText
        answer
      }
    }
  }
`);
