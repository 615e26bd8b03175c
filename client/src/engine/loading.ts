// How far the engine has been loaded, as bytes on the wire: what a person pays for.

export interface Loading {
  state: "loading" | "ready" | "absent";
  /** Bytes that have come, and bytes that will; 0 while that is not known. */
  loaded: number;
  total: number;
}

/** Adds up the shares of several files. */
export class Progress {
  private readonly parts = new Map<string, { bytes: number; share: number }>();
  private announced = 0;
  private readonly report: (loaded: number, total: number) => void;

  constructor(report: (loaded: number, total: number) => void) {
    this.report = report;
  }

  /** Name files before they are fetched, with their bytes: LiteRT's once, the bundle's once. */
  expect(files: Iterable<readonly [name: string, bytes: number]>): void {
    for (const [name, bytes] of files) this.parts.set(name, { bytes, share: 0 });
    this.announced += 1;
  }

  /**
   * Read a response's body, telling how far it is.
   * @param size of the body when it is unpacked, bytes
   */
  async read(name: string, response: Response, size: number): Promise<Uint8Array<ArrayBuffer>> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const reader = response.body!.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      chunks.push(next.value);
      length += next.value.length;
      this.put(name, Math.min(length / size, 1));
    }
    this.put(name, 1);
    const bytes = new Uint8Array(length);
    let place = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, place);
      place += chunk.length;
    }
    return bytes;
  }

  private put(name: string, share: number): void {
    const part = this.parts.get(name);
    if (!part) return;
    part.share = share;
    if (this.announced < 2) return; // bundle.json has not come yet, which says what there is besides the runtime
    const parts = [...this.parts.values()];
    const loaded = parts.reduce((sum, { bytes, share: done }) => sum + bytes * done, 0);
    this.report(loaded, parts.reduce((sum, { bytes }) => sum + bytes, 0));
  }
}
