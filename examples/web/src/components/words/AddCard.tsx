import { useSession } from "../../app/session";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useMessages } from "../../i18n/messages";
import { ActionNotice } from "../ActionNotice";
import { useAction } from "../useAction";
import { messages } from "./messages";
import { WORD_CARD, wordState } from "./wordState";

const CREATE_CARD = graphql(`
  mutation CreateCard($input: CreateCardsInput!) {
    createCards(input: $input) {
      errors {
        code
        message
        path
      }
      cards {
        id
        vocabulary {
          id
          ...WordCard
        }
      }
    }
  }
`);

/** Where the learner met the word. */
export interface Context {
  text: string;
  bookId?: string;
  page?: number;
}

/** Makes a card of a word, or says that there is one. Nothing if signed out. */
export function AddCard(props: { word: FragmentType<typeof WORD_CARD>; name: string; context?: Context }) {
  const text = useMessages(messages);
  const { user } = useSession();
  const vocabulary = readFragment(WORD_CARD, props.word);
  const [state, createCard] = useAction(CREATE_CARD, (data) => data.createCards);
  if (user === null) return null;
  const known = wordState(vocabulary);
  if (known !== "unknown") {
    return (
      <span className="row muted" role="status">
        ✓ {known === "known" ? text.known : text.hasCard}
      </span>
    );
  }
  const { id } = vocabulary;
  const contexts = props.context && [{ vocabularyId: id, ...props.context }];
  return (
    <>
      <button
        className="primary"
        aria-label={text.addCardOf(props.name)}
        onClick={() => void createCard({ input: { vocabularyIds: [id], contexts } })}
      >
        {text.addCard}
      </button>
      <ActionNotice state={state} />
    </>
  );
}
