// Fills the variables of the tour's tabs, with ids of the current user that are valid when a tab is opened.
import { pick, useGraphiQL } from "@graphiql/react";
import { useEffect } from "react";
import { useCurrentUser } from "./users.jsx";

const IDS = `{
  viewer {
    dueCards(first: 3) { nodes { id } }
    reviews(first: 1) { nodes { id } }
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
};

// What the tour filled in, by operation name. Other variables are the user's own, and are kept.
const FILLED = "shinjp:variables";

export function Tour({ tabs, sendQuery }) {
  const { tabs: open, activeTabIndex, variableEditor } = useGraphiQL(pick("tabs", "activeTabIndex", "variableEditor"));
  const user = useCurrentUser();
  const id = open[activeTabIndex]?.id;

  useEffect(() => {
    const tab = open[activeTabIndex];
    const name = tab?.query?.match(/^mutation (\w+)/m)?.[1];
    const buildVariables = VARIABLES[name];
    if (!buildVariables || !variableEditor || !tabs.some(({ query }) => query === tab.query)) return undefined;
    let isOpen = true;
    readIds(sendQuery).then((viewer) => {
      const filled = JSON.parse(localStorage.getItem(FILLED) ?? "{}");
      const present = variableEditor.getValue().trim();
      if (!isOpen || !viewer || (present && present !== filled[name])) return;
      const variables = JSON.stringify(buildVariables(viewer), null, 2);
      localStorage.setItem(FILLED, JSON.stringify({ ...filled, [name]: variables }));
      variableEditor.setValue(variables);
    });
    return () => {
      isOpen = false;
    };
    // Not whenever a tab is edited: `open` is another list then.
  }, [id, user, variableEditor]);

  return null;
}

// Null without a signed-in user.
function readIds(sendQuery) {
  return sendQuery(IDS).then(
    ({ data }) => data?.viewer,
    () => null,
  );
}
