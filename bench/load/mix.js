// The mix of requests, at constant rates whatever the latency is (an open loop). Run by `python -m bench.load`.
//
// URL: of the endpoint. POPULATION: what `bench/load/population.py` wrote. PHASES: JSON, [{rate, seconds}, …]; one
// follows the other. BUCKET: the length of the parts of each phase that have percentiles of their own, in seconds.
// OUT: the file for the metrics.
import { Counter } from "k6/metrics";
import { SharedArray } from "k6/data";
import exec from "k6/execution";
import http from "k6/http";

const ENDPOINT = __ENV.URL;
const ORIGIN = ENDPOINT.replace(/\/graphql$/, "");
const PHASES = JSON.parse(__ENV.PHASES);
const BUCKET = Number(__ENV.BUCKET);
// A virtual user has one connection and waits for the response: enough for latencies of a second.
const PATIENCE_SECONDS = 1.2;
const SHARES = { public: 0.6, personal: 0.2, review: 0.1, search: 0.05, stream: 0.03, file: 0.02 };
const REVIEWS_A_BATCH = 5;
// Of the responses whose bodies are read: a client that parses all of them needs as much of the processor as a server.
const READ_SHARE = 0.02;

const load = (name) => new SharedArray(name, () => JSON.parse(open(__ENV.POPULATION))[name]);
const learners = load("learners");
const streaming = load("streaming");
const bodies = { public: load("public"), personal: load("personal"), search: load("search") };
const queries = load("queries");
const [reviewQuery, exportQuery, importQuery] = queries;
// How often one of the first learners is drawn.
const zipf = load("zipf");

// Written here because k6 does not keep the order of parts, which the server needs.
const BOUNDARY = "----part";
const part = (disposition, content) => `--${BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`;
const importBody =
  part('name="operations"', JSON.stringify({ query: importQuery, variables: { file: null } })) +
  part('name="map"', JSON.stringify({ 0: ["variables.file"] })) +
  part('name="0"; filename="words.csv"', "Front,Back\n食べる,to eat\n学校,school\n") +
  `--${BOUNDARY}--\r\n`;

const rejected = new Counter("rejected");
const limited = new Counter("limited");
const failed = new Counter("failed");

const scenarios = {};
const thresholds = {};
let startsAt = 0;
PHASES.forEach(({ rate, seconds }, number) => {
  const name = `phase${number}`;
  const users = Math.ceil(rate * PATIENCE_SECONDS) + 20;
  scenarios[name] = {
    executor: "constant-arrival-rate",
    rate,
    timeUnit: "1s",
    duration: `${seconds}s`,
    startTime: `${startsAt}s`,
    gracefulStop: "5s",
    preAllocatedVUs: Math.min(users, Math.ceil(rate / 5) + 20),
    maxVUs: users,
    env: { STARTS_AT: String(startsAt) },
  };
  startsAt += seconds;
  // A metric is in the summary by phase, kind and part if it has a threshold there.
  for (const metric of ["http_req_duration", "iteration_duration"]) thresholds[`${metric}{scenario:${name}}`] = ["max>=0"];
  for (const metric of ["rejected", "limited", "failed", "dropped_iterations"])
    thresholds[`${metric}{scenario:${name}}`] = ["count>=0"];
  for (const kind of Object.keys(SHARES)) thresholds[`http_req_duration{scenario:${name},kind:${kind}}`] = ["max>=0"];
  for (let bucket = 0; bucket * BUCKET < seconds; bucket++) {
    thresholds[`http_req_duration{scenario:${name},bucket:${bucket}}`] = ["max>=0"];
    thresholds[`rejected{scenario:${name},bucket:${bucket}}`] = ["count>=0"];
  }
});

export const options = {
  scenarios,
  thresholds,
  summaryTrendStats: ["avg", "min", "med", "p(95)", "p(99)", "max", "count"],
  systemTags: ["scenario", "error_code"],
  discardResponseBodies: true,
};

export function setup() {
  return Date.now();
}

const pick = (items) => items[Math.floor(Math.random() * items.length)];

function drawLearner() {
  const wanted = Math.random() * zipf[zipf.length - 1];
  let [low, high] = [0, zipf.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (zipf[middle] > wanted) high = middle;
    else low = middle + 1;
  }
  return learners[low];
}

function drawKind() {
  let rest = Math.random();
  for (const [kind, share] of Object.entries(SHARES)) if ((rest -= share) < 0) return kind;
  return "public";
}

function reviews(cards, number) {
  const first = Math.floor(Math.random() * cards.length);
  return JSON.stringify({
    query: reviewQuery,
    variables: {
      input: {
        reviews: Array.from({ length: number }, (_, index) => ({
          cardId: cards[(first + index) % cards.length],
          quality: 2 + Math.floor(Math.random() * 4),
          idempotencyKey: `${__VU}-${__ITER}-${index}-${Date.now()}`,
        })),
      },
    },
  });
}

// Half of the files are streamed, the others are made, or read, by jobs.
function exchangeFile(options) {
  const chance = Math.random();
  if (chance < 0.5) return http.get(`${ORIGIN}/exports/cards.csv`, options);
  if (chance < 0.75) return http.post(ENDPOINT, JSON.stringify({ query: exportQuery }), options);
  options.headers["Content-Type"] = `multipart/form-data; boundary=${BOUNDARY}`;
  options.headers["GraphQL-Require-Preflight"] = "1";
  return http.post(ENDPOINT, importBody, options);
}

function send(kind, learner, options) {
  if (kind === "file") return exchangeFile(options);
  if (kind === "review") return http.post(ENDPOINT, reviews(learner.cards, REVIEWS_A_BATCH), options);
  if (kind === "stream") return http.post(ENDPOINT, reviews(learner.cards, 1), options);
  return http.post(ENDPOINT, pick(bodies[kind]), options);
}

export default function (startedAt) {
  const kind = drawKind();
  // An event of a stream is caused by a review of a learner whose dashboard is open.
  const learner = kind === "stream" ? learners[pick(streaming)] : drawLearner();
  const elapsed = (Date.now() - startedAt) / 1000 - Number(__ENV.STARTS_AT);
  const tags = { kind, bucket: String(Math.max(0, Math.floor(elapsed / BUCKET))) };
  const isRead = Math.random() < READ_SHARE;
  const response = send(kind, learner, {
    tags,
    headers: { Authorization: `Bearer ${learner.token}`, "Content-Type": "application/json" },
    responseType: isRead ? "text" : "none",
    timeout: "15s",
  });
  if (response.status === 503) rejected.add(1, { bucket: tags.bucket });
  else if (response.status === 429) limited.add(1);
  else if (response.status !== 200 || (isRead && response.body.includes('"errors":[{"message":"'))) {
    failed.add(1);
    if (Math.random() < 0.01) console.warn(exec.scenario.name, kind, response.status, response.error, response.body);
  }
}

export function handleSummary({ metrics }) {
  return { [__ENV.OUT]: JSON.stringify(Object.fromEntries(Object.entries(metrics).map(([name, { values }]) => [name, values]))) };
}
