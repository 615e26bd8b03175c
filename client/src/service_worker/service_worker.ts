// Keeps the page, the student and LiteRT in the browser, so that all of it works without a network.
//
// One cache for one version of everything, filled whole or not at all. A newer version is fetched beside it and waits
// until the page says that it may take over; nothing changes under the hands of who is using it. The server puts
// STUDENT before this script (web/page/pages.py), so a new student is a new version, too. Pictures and answers pass by.
export {};

declare const self: ServiceWorkerGlobalScope & {
  STUDENT: { version: string; files: string[] };
};
declare const BUILD: { version: string; shell: string[]; litert: string }; // put in by build.mjs

const PREFIX = "dermdistill-";
const CACHE = `${PREFIX}${BUILD.version}-${self.STUDENT.version}`;

/** Which of LiteRT's variants this browser runs, as the page found out: ?litert=…; none if the server answers. */
const variant = new URL(self.location.href).searchParams.get("litert");
const runtime = variant ? [`${BUILD.litert}${variant}.js`, `${BUILD.litert}${variant}.wasm`] : [];
const addresses = [...BUILD.shell, ...self.STUDENT.files, ...runtime];

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("message", ({ data }) => {
  if (data === "take over") void self.skipWaiting();
});
self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method === "GET" && origin === self.location.origin && addresses.includes(pathname)) {
    event.respondWith(kept(event.request, pathname));
  }
});

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  const all = addresses.map(async (address) => {
    // What lies under its checksum is the same in an older version: no need to fetch it again.
    const known = immutable(address) ? await caches.match(address) : undefined;
    const response = known ?? (await fetch(address, { cache: immutable(address) ? "default" : "no-cache" }));
    if (!response.ok) throw new Error(`The server answered ${response.status} for ${address}.`);
    await cache.put(address, response);
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
  await self.clients.claim();
}

async function kept(request: Request, address: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(address)) ?? fetch(request);
}

function immutable(address: string): boolean {
  return address.startsWith(BUILD.litert) || /^\/bundle\/[0-9a-f]{64}\//.test(address);
}
