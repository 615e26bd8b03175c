// The page's end of the service worker: everything is kept for use without network, and newer versions are offered.
import { BASE } from "./base.ts";
import type { EngineState } from "./engine/index.ts";

/**
 * Keep the page and its engine in this browser.
 *
 * @param state what `prepare()` said; the browser's variant of LiteRT is kept with the rest
 * @param offer called when a newer version lies ready: call its argument to use it, which loads the page again
 * @returns whether the page now works without a network
 */
export async function keepOffline(state: EngineState, offer: (use: () => void) => void): Promise<boolean> {
  if (!("serviceWorker" in navigator)) return false;
  const wasm = state.engine === "device" ? state.files.find((file) => file.endsWith(".wasm")) : undefined;
  const variant = wasm?.slice(wasm.lastIndexOf("/") + 1, -".wasm".length);
  try {
    const registration = await navigator.serviceWorker.register(
      `${BASE}service-worker.js${variant ? `?litert=${variant}` : ""}`,
    );
    watch(registration, offer);
    await navigator.serviceWorker.ready;
    return state.engine === "device";
  } catch {
    return false; // this browser, or the person before it, allows none
  }
}

function watch(registration: ServiceWorkerRegistration, offer: (use: () => void) => void): void {
  const waits = (worker: ServiceWorker | null): void => {
    // Without a controller it is the first version, which waits for nobody.
    if (worker?.state === "installed" && navigator.serviceWorker.controller) offer(() => use(worker));
  };
  waits(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const { installing } = registration;
    installing?.addEventListener("statechange", () => waits(installing));
  });
}

function use(worker: ServiceWorker): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  worker.postMessage("take over");
}
