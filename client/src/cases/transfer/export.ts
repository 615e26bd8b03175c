// All cases as one JSON file, pictures inside, so that nothing is lost when the browser is.
import type { Case } from "../case.ts";
import { FORMAT, type Written } from "./case_file.ts";

/** Let the browser save a file with these cases; returns its name. */
export async function exportCases(cases: Case[]): Promise<string> {
  const written = {
    ...FORMAT,
    exported: new Date().toISOString(),
    cases: await Promise.all(cases.map(asJson)),
  };
  const name = `dermdistill-cases-${written.exported.slice(0, 10)}.json`;
  const address = URL.createObjectURL(new Blob([JSON.stringify(written, null, 1)], { type: "application/json" }));
  const link = document.createElement("a");
  Object.assign(link, { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  return name;
}

async function asJson({ visits, ...entry }: Case): Promise<Written> {
  const pictured = visits.map(async ({ picture, ...visit }) => ({ ...visit, picture: await asDataUrl(picture) }));
  return { ...entry, visits: await Promise.all(pictured) };
}

function asDataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result as string));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(blob);
  });
}
