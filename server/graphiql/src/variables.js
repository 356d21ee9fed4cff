// Variables for the tabs that change or watch something: they need ids of the learner who is signed in.
const IDS = `{
  viewer {
    dueCards(first: 3) { nodes { id } }
    reviews(first: 1) { nodes { id } }
    jobs(first: 1) { nodes { id } }
  }
}`;

// By the name of the operation. A key is made by the device for one answer; each visit makes new ones.
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
      topics: ["travel", "hot spring", "weather"],
      numberOfChapters: 12,
    },
  }),
  Watch: ({ jobs }) => ({ id: jobs.nodes[0]?.id ?? "the id of a job" }),
};

// The tabs with their variables; without a learner, as they are.
export async function withVariables(tabs, ask) {
  const viewer = await ask(IDS).then(
    ({ data }) => data?.viewer,
    () => null,
  );
  if (!viewer) return tabs;
  return tabs.map((tab) => {
    const make = VARIABLES[tab.query.match(/^(?:mutation|subscription) (\w+)/m)?.[1]];
    return make ? { ...tab, variables: JSON.stringify(make(viewer), null, 2) } : tab;
  });
}
