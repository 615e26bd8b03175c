// Writes TypeScript types from the JSON schemas that schemas.py prints: `make types`. First argument: the folder.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { compile } from "json-schema-to-typescript";

const FILES = { BundleSpec: "bundle_spec.ts", PredictAnswer: "predict_answer.ts" };
const bannerComment = "// Made by `make types` from the Python models; do not edit.";

const folder = process.argv[2];
const schemas = await json(process.stdin);
await mkdir(folder, { recursive: true });
for (const [name, file] of Object.entries(FILES)) {
  const options = { bannerComment, ignoreMinAndMaxItems: true, style: { printWidth: 120 } };
  await writeFile(join(folder, file), await compile(schemas[name], name, options));
}
