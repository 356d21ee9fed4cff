import { useSearchParams } from "wouter";
import { useTyped } from "../../components/useTyped";

/** What was typed, and the query, which follows when typing pauses. The query is in the address, so that it can be linked to. */
export function useSearchQuery() {
  const [parameters, setParameters] = useSearchParams();
  const query = parameters.get("q") ?? "";
  const [typed, setTyped] = useTyped(query, (q) => setParameters(q ? { q } : {}, { replace: true }), 150);
  return { query, typed, setTyped };
}
