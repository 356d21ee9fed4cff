import { graphql } from "../../graphql/generated";

export const JOB = graphql(`
  fragment GenerationJob on Job {
    id
    status
    progress
    message
    createdAt
    error {
      code
      message
    }
    subject {
      ... on Textbook {
        id
        title
      }
    }
    warnings {
      code
      message
    }
  }
`);

/** Part of `Viewer`, so that a new generation is in the list that the mutation returns. */
export const GENERATIONS = graphql(`
  fragment Generations on Viewer {
    id
    jobs(first: 10, kinds: [GENERATE_TEXTBOOK]) {
      nodes {
        id
        ...GenerationJob
      }
    }
  }
`);

export const TOPIC = graphql(`
  fragment Topic on TextbookTopic {
    name
    japaneseName
    wordCount
  }
`);
