// Where everything lies: in the page, its own folder; in its worker, the folder above the script's. So the server may
// serve below any path.
const here = globalThis.document?.baseURI ?? new URL("../", globalThis.location?.href ?? "http://localhost/assets/").href;

/** The path that all addresses begin with, like "/" or "/derm/". */
export const BASE = new URL("./", here).pathname;
