// Starts the app without a network: stores its page and its files in the browser. Requests to the API are not its business.
declare const self: ServiceWorkerGlobalScope;
/** Paths of the files of this build. The build writes them in front of the script. */
declare const FILES: readonly string[];

const CACHE = "shinjp";
const PAGE = "/app";

self.addEventListener("install", (event) => event.waitUntil(store()));
self.addEventListener("activate", (event) => event.waitUntil(Promise.all([prune(), usePreloading(), self.clients.claim()])));
self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (origin !== self.location.origin) return;
  if (event.request.mode === "navigate") {
    if (pathname === PAGE || pathname.startsWith(`${PAGE}/`)) event.respondWith(openPage(event));
  } else if (FILES.includes(pathname)) {
    event.respondWith(readFile(event.request));
  }
});

/** Stores the files of this build next to those of the former one, and then the page that needs them. */
async function store(): Promise<void> {
  const cache = await caches.open(CACHE);
  const stored = await storedPaths(cache);
  await cache.addAll(FILES.filter((path) => !stored.has(path)));
  await cache.add(PAGE);
}

/** Removes the files of the former build, for which no page is open. */
async function prune(): Promise<void> {
  const cache = await caches.open(CACHE);
  const old = [...(await storedPaths(cache))].filter((path) => path !== PAGE && !FILES.includes(path));
  await Promise.all(old.map((path) => cache.delete(path)));
}

const storedPaths = async (cache: Cache): Promise<Set<string>> =>
  new Set((await cache.keys()).map(({ url }) => new URL(url).pathname));

/** The browser requests the page while the worker starts, as a navigation. */
async function usePreloading(): Promise<void> {
  await self.registration.navigationPreload?.enable();
}

/** The page of the server, or the stored one if the server cannot be reached. */
async function openPage(event: FetchEvent): Promise<Response> {
  let response: Response | undefined;
  try {
    response = ((await event.preloadResponse) as Response | undefined) ?? (await fetch(event.request));
    if (response.status < 500) return response;
  } catch {
    // There is no network, or no server.
  }
  return (await caches.match(PAGE)) ?? response ?? Response.error();
}

/** Names of files change with their content: a stored one is never out of date. */
async function readFile(request: Request): Promise<Response> {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

export {};
