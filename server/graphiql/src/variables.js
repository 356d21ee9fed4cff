// Variables for the tabs with mutations and subscriptions, with ids of the authenticated learner.
const IDS = `{
  viewer {
    dueCards(first: 3) { nodes { id } }
    reviews(first: 1) { nodes { id } }
    jobs(first: 1) { nodes { id } }
  }
}`;

// By operation name. Each visit uses new idempotency keys.
const VARIABLES = {
  Review: ({ dueCards }) => ({
    input: {
      reviews: dueCards.nodes.map(({ id }, index) => ({
        cardId: id,
        quality: 3 + index,
        durationMs: 4000,
        idempotencyKey: `graphiql-${Date.now()}-${index}`,
      })),
    },
  }),
  Undo: ({ reviews }) => ({ input: { reviewIds: reviews.nodes.map(({ id }) => id) } }),
  Generate: () => ({
    input: {
      title: "A Weekend in the Mountains",
      jlptLevel: "N4",
      topics: ["travel", "food", "weather"],
      numberOfChapters: 12,
    },
  }),
  Watch: ({ jobs }) => ({ id: jobs.nodes[0]?.id ?? "the id of a job" }),
};

// Adds variables to the tabs; returns them unchanged without an authenticated learner.
export async function withVariables(tabs, sendQuery) {
  const viewer = await sendQuery(IDS).then(
    ({ data }) => data?.viewer,
    () => null,
  );
  if (!viewer) return tabs;
  return tabs.map((tab) => {
    const buildVariables = VARIABLES[tab.query.match(/^(?:mutation|subscription) (\w+)/m)?.[1]];
    return buildVariables ? { ...tab, variables: JSON.stringify(buildVariables(viewer), null, 2) } : tab;
  });
}
