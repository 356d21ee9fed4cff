// The traces of the latest responses, newest first.
import { useSyncExternalStore } from "react";

const KEPT = 30;
let traces = [];
let count = 0;
const listeners = new Set();

export function addTrace(trace) {
  count += 1;
  traces = [{ ...trace, number: count }, ...traces].slice(0, KEPT);
  listeners.forEach((listener) => listener());
}

function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useTraces() {
  return useSyncExternalStore(subscribe, () => traces);
}
