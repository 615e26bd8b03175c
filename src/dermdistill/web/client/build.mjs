// Bundles the client into dist/: what Flask serves. Run by the package build (hatch_build.py), or by hand with
// `npm run build`. The folder is made whole under another name and then moved, so no half of it is ever served.
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const client = dirname(fileURLToPath(import.meta.url));
const made = join(client, "dist.new");
const shown = join(client, "dist");

await rm(made, { recursive: true, force: true });
await mkdir(made, { recursive: true });
await build({
  absWorkingDir: client,
  entryPoints: ["src/main.ts", "css/style.css", "css/answer.css"],
  entryNames: "[name]",
  outdir: made,
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  minify: true,
  legalComments: "linked",
  logLevel: "warning",
});
for (const file of ["index.html", "icon.svg"]) await cp(join(client, file), join(made, file));
await writeFile(join(made, "built-from"), `${process.argv[2] ?? ""}\n`);
await rm(shown, { recursive: true, force: true });
await rename(made, shown);
