// Bundles the client into src/dermdistill/web/page/dist, what Flask serves. Run by the package build (hatch_build.py),
// or by hand with `npm run build`. The folder is made whole under another name and then moved, so no half of it is
// ever served.
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const client = dirname(fileURLToPath(import.meta.url));
const shown = join(client, "../src/dermdistill/web/page/dist");
const made = `${shown}.new`;

const settings = {
  absWorkingDir: client,
  outdir: made,
  bundle: true,
  target: "es2022",
  charset: "utf8",
  minify: true,
  legalComments: "linked",
  logLevel: "warning",
};

await rm(made, { recursive: true, force: true });
await mkdir(made, { recursive: true });

// LiteRT's WebAssembly, in a folder named by its contents: what lies under that address never changes. Stored packed
// only, a third of the size, as it is sent. Without the variant for WebGPU, which the student does not use.
const litert = join(client, "node_modules/@litertjs/core/wasm");
const parts = (await readdir(litert)).filter((name) => !name.includes("jspi")).sort();
const contents = await Promise.all(parts.map((name) => readFile(join(litert, name))));
const folder = `litert-${digest(contents)}`;
await mkdir(join(made, folder));
const sizes = {};
for (const [i, name] of parts.entries()) {
  const packed = gzipSync(contents[i], { level: 9 });
  sizes[name] = { bytes: contents[i].length, packed: packed.length };
  await writeFile(join(made, folder, `${name}.gz`), packed);
}

// The page and its styles; the engine on its own, too, for who wants only that.
await build({
  ...settings,
  entryPoints: { main: "src/main.ts", engine: "src/engine/index.ts", style: "css/style.css" },
  chunkNames: "[name]-[hash]",
  format: "esm",
  splitting: true,
});
// A classic script: LiteRT loads its own by importScripts(), which modules do not have.
await build({
  ...settings,
  entryPoints: { worker: "src/engine/worker.ts" },
  format: "iife",
  define: { LITERT_FOLDER: JSON.stringify(`assets/${folder}/`), LITERT_SIZES: JSON.stringify(sizes) },
});
// What turns the page round for a language from right to left, and puts its words in, before anything is drawn.
await build({
  ...settings,
  entryPoints: { early: "src/words/early.ts" },
  format: "iife",
  define: { FIRST_WORDS: JSON.stringify(await firstWords("index.html")) },
});
await cp(join(client, "manifest.json"), join(made, "manifest.json"));
await writeFile(join(made, "index.html"), await withWords("index.html"));
await cp(join(client, "icons"), made, { recursive: true });

// The service worker keeps all files of this build, under a version that changes with any of them, and knows the
// SHA-256 of each.
const built = (await readdir(made)).filter((name) => name !== folder).sort();
const all = await Promise.all(built.map((name) => readFile(join(made, name))));
const sums = built
  .map((name, i) => [name === "index.html" ? "" : `assets/${name}`, sha256([all[i]])])
  .filter(([address]) => !address.endsWith(".txt"));
const runtime = parts.map((name, i) => [`assets/${folder}/${name}`, sha256([contents[i]])]);
await build({
  ...settings,
  entryPoints: { "service-worker": "src/service_worker/service_worker.ts" },
  format: "iife",
  define: {
    BUILD: JSON.stringify({
      version: digest([...all, Buffer.from(folder)]),
      shell: Object.fromEntries(sums),
      runtime: Object.fromEntries(runtime),
      litert: `assets/${folder}/`,
    }),
  },
});
// Packed once and for all, a third of the size: what a first visit waits for. The page itself and the service worker, to
// which the server adds, stay as they are.
for (const name of built.filter((file) => /\.(css|js|json|svg|txt)$/.test(file))) {
  await writeFile(join(made, `${name}.gz`), gzipSync(await readFile(join(made, name)), { level: 9 }));
  await rm(join(made, name));
}
await writeFile(join(made, "built-from"), `${process.argv[2] ?? ""}\n`);
await rm(shown, { recursive: true, force: true });
await rename(made, shown);

/** The page with its English words, so that it can be read before any script has come. */
async function withWords(name) {
  const words = JSON.parse(await readFile(join(client, "src/words/en.json"), "utf8"));
  const page = await readFile(join(client, name), "utf8");
  return page
    .replace(/(<(\w+)[^>]* data-t="([\w.]+)"[^>]*>)(?=<\/\2>)/g, (all, tag, _, key) => tag + escaped(words[key]))
    .replace(/ data-t-label="([\w.]+)"/g, (all, key) => `${all} aria-label="${escaped(words[key])}"`);
}

/** What the page's own places say in every other language: by its code, then by key. */
async function firstWords(name) {
  const page = await readFile(join(client, name), "utf8");
  const keys = new Set([...page.matchAll(/ data-t(?:-label)?="([\w.]+)"/g)].map(([, key]) => key));
  const codes = (await readdir(join(client, "src/words"))).filter((file) => /^\w+\.json$/.test(file)).map((file) => file.slice(0, -5));
  const tables = codes.filter((code) => code !== "en").map(async (code) => {
    const words = JSON.parse(await readFile(join(client, `src/words/${code}.json`), "utf8"));
    return [code, Object.fromEntries([...keys].map((key) => [key, words[key]]))];
  });
  return Object.fromEntries(await Promise.all(tables));
}

function escaped(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
}

function sha256(files) {
  const sum = createHash("sha256");
  for (const file of files) sum.update(file);
  return sum.digest("hex");
}

function digest(files) {
  return sha256(files).slice(0, 16);
}
