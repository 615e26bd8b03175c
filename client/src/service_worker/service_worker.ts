// Keeps the page, the student and LiteRT in the browser, so that all of it works without a network.
//
// One cache for one version of everything, filled whole or not at all. A newer version is fetched beside it
// and waits until the page says that it may take over. So nothing changes while somebody is using the page.
// The server puts STUDENT before this script (web/page/pages.py), so a new student is a new version, too.
// Pictures and answers pass by.
//
// Each file is checked by its SHA-256 when it is kept and when it is given out. A file that was damaged on
// the way, in the browser's own cache or in this one is fetched again.
export {};

declare const self: ServiceWorkerGlobalScope & {
  STUDENT: { version: string; files: Record<string, string> };
};
/** Put in by build.mjs: SHA-256 by address, from this script's folder on. */
declare const BUILD: {
  version: string;
  shell: Record<string, string>;
  runtime: Record<string, string>;
  litert: string;
};

const PREFIX = "dermdistill-";
const BASE = new URL("./", self.location.href).pathname;
const CACHE = `${PREFIX}${BUILD.version}-${self.STUDENT.version}`;

/** Which of LiteRT's variants this browser runs, as the page found out: ?litert=…; none if the server answers. */
const variant = new URL(self.location.href).searchParams.get("litert");
const runtime = Object.entries(BUILD.runtime).filter(([address]) =>
  [".js", ".wasm"].some((ending) => variant && address === `${BUILD.litert}${variant}${ending}`),
);
/** What is kept: SHA-256 by path. */
const sums = new Map([
  ...[...Object.entries(BUILD.shell), ...runtime].map(([address, sum]) => [BASE + address, sum] as const),
  ...Object.entries(self.STUDENT.files),
]);

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("message", ({ data }) => {
  if (data === "take over") void self.skipWaiting();
});
self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method === "GET" && origin === self.location.origin && sums.has(pathname)) event.respondWith(kept(pathname));
});

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  const all = [...sums.keys()].map(async (address) => {
    // What lies under its checksum is the same in an older version: no need to fetch it again.
    const known = immutable(address) ? await caches.match(address) : undefined;
    await cache.put(address, (known && (await proven(known, address))) ?? (await fetched(address)));
  });
  await Promise.all(all).catch(async (error: unknown) => {
    await caches.delete(CACHE);
    throw error;
  });
}

async function takeOver(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  // Not waited for: Firefox asks each of the page's workers, and LiteRT's threads sleep for long. Until then it would
  // answer no request.
  void self.clients.claim();
}

async function kept(address: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  const found = await cache.match(address);
  const whole = found && (await proven(found, address));
  if (whole) return whole;
  const response = await fetched(address);
  await cache.put(address, response.clone());
  return response;
}

/** Fetch a file; once more past the browser's own cache, which may hold a damaged one for good. */
async function fetched(address: string): Promise<Response> {
  for (const cache of [immutable(address) ? "default" : "no-cache", "reload"] as const) {
    const response = await fetch(address, { cache });
    if (!response.ok) throw new Error(`The server answered ${response.status} for ${address}.`);
    const whole = await proven(response, address);
    if (whole) return whole;
  }
  throw new Error(`${address} is damaged: its checksum is wrong.`);
}

/** The response, if its body is what it must be; else undefined. */
async function proven(response: Response, address: string): Promise<Response | undefined> {
  const bytes = await response.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (hex !== sums.get(address)) return undefined;
  const headers = new Headers(response.headers);
  headers.delete("Content-Encoding"); // the bytes are unpacked
  headers.delete("Content-Length");
  return new Response(bytes, { status: response.status, headers });
}

function immutable(address: string): boolean {
  return address.startsWith(BASE + BUILD.litert) || /\/bundle\/[0-9a-f]{64}\//.test(address);
}
