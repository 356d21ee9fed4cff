/** Lets the app start without a network from the next visit on. The development server of Vite has no worker. */
export function registerServiceWorker() {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  // After the first view, so that the worker's requests do not compete with it.
  window.addEventListener("load", () => {
    // Without a worker, the app needs the network.
    navigator.serviceWorker.register("/app/service-worker.js", { scope: "/app" }).catch(() => undefined);
  });
}
