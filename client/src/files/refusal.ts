// Why a file is not brought back: a sentence for the person who chose it.
import { type Key, t } from "../words/words.ts";

export type RefusalKey = Extract<Key, `import.${string}`> | "cases.not_ours";

export class Refused extends Error {
  readonly key: RefusalKey;
  readonly values: Record<string, string | number>;

  constructor(key: RefusalKey, values: Record<string, string | number> = {}) {
    super(`${key} ${JSON.stringify(values)}`);
    this.key = key;
    this.values = values;
    this.name = "Refused";
  }

  /** @param name of the file */
  sentence(name: string): string {
    return t(this.key, { name, ...this.values });
  }
}
