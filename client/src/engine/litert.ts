// The student inside LiteRT.js: a square in, its three outputs out.
import {
  type CompiledModel,
  Environment,
  loadAndCompile,
  loadLiteRt,
  supportsFeature,
  Tensor,
} from "@litertjs/core";
import type { BundleSpec } from "../generated/bundle_spec.ts";
import { withFixedBatch } from "./fixed_batch.ts";
import type { Progress } from "./loading.ts";
import { PlainError } from "./types.ts";

/** Put in by build.mjs: how large each of LiteRT's files is, and how large as it is sent. */
declare const LITERT_SIZES: Record<string, { bytes: number; packed: number }>;

export interface Outputs {
  logits: Float32Array;
  class_maps: Float32Array;
  embedding: Float32Array;
}

const NAMES = ["logits", "class_maps", "embedding"] as const;

/** Load LiteRT's WebAssembly; returns how many threads it works on and the addresses it came from. */
export async function startLiteRT(
  folder: string,
  threads: number,
  progress: Progress,
): Promise<{ threads: number; addresses: string[] }> {
  const relaxed = await supportsFeature("relaxedSimd");
  const threaded = threads > 1 && relaxed && crossOriginIsolated && (await supportsFeature("threads"));
  const variant = threaded ? "_threaded" : relaxed ? "" : "_compat";
  const file = `${folder}litert_wasm${variant}_internal`;
  // Else it looks beside the worker's own script, for its WebAssembly and for what its threads run.
  const locateFile = (name: string): string => folder + name;
  // It reports each step of its start as if it were an error.
  const printErr = (line: string): void => console.debug(line);
  const wasmBinary = await runtime(`${file}.wasm`, progress);
  Object.assign(self, { Module: { locateFile, mainScriptUrlOrBlob: `${file}.js`, printErr, wasmBinary } });
  await loadLiteRt(folder, { threads: threaded });
  return { threads: threaded ? threads : 1, addresses: [`${file}.js`, `${file}.wasm`] };
}

/** LiteRT's WebAssembly, fetched here and not by LiteRT, so that it can be told how much of it has come. */
async function runtime(address: string, progress: Progress): Promise<Uint8Array> {
  const sizes = LITERT_SIZES[address.slice(address.lastIndexOf("/") + 1)]!;
  progress.expect(address, sizes.packed);
  const response = await fetch(address).catch(() => null);
  if (!response?.ok) throw new PlainError("unreachable", "The server cannot be reached. Check that it still runs, then try again.");
  return progress.read(address, response, sizes.bytes);
}

/** A model ready to run. One at a time: calls must not overlap. */
export class LiteRTModel {
  private readonly model: CompiledModel;
  private readonly spec: BundleSpec;

  private constructor(model: CompiledModel, spec: BundleSpec) {
    this.model = model;
    this.spec = spec;
  }

  /** Compile a model for the processor; LiteRT must have been started. */
  static async compile(bytes: Uint8Array<ArrayBuffer>, spec: BundleSpec, threads: number): Promise<LiteRTModel> {
    const environment = await Environment.create({ webGpuDevice: null });
    const cpuOptions = { numThreads: threads };
    const model = await loadAndCompile(withFixedBatch(bytes, spec.input.size), { accelerator: "wasm", environment, cpuOptions });
    return new LiteRTModel(model, spec);
  }

  /** Run on RGB `[size, size, 3]`. */
  async run(square: Uint8Array<ArrayBuffer>): Promise<Outputs> {
    const { size } = this.spec.input;
    const input = new Tensor(square, [1, size, size, 3], this.model.options.environment);
    const outputs = await this.model.run([input]).finally(() => input.delete());
    try {
      const [logits, class_maps, embedding] = NAMES.map((name) => {
        const place = this.model.getOutputDetails().findIndex((detail) => detail.name === name);
        const values = outputs[place]?.toTypedArray();
        const expected = this.spec.outputs[name]!.shape.reduce((product, side) => product * side, 1);
        if (!(values instanceof Float32Array) || values.length !== expected) {
          throw new Error(`The model's output ${name} is not what bundle.json says.`);
        }
        return values;
      });
      return { logits: logits!, class_maps: class_maps!, embedding: embedding! };
    } finally {
      for (const output of outputs) output.delete();
    }
  }
}
