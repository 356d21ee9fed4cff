// Read by GraphQL Code Generator.
import { graphql } from "../build/generated";

export const dashboard = graphql(/* GraphQL */ `
  query Dashboard {
    viewer {
      dashboard {
        dueNow
        reviewsToday
      }
    }
  }
`);

export const book = graphql(/* GraphQL */ `
  query Book($id: ID!) {
    book(id: $id) {
      title
      author
    }
  }
`);
