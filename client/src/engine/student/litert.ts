// The student inside LiteRT.js: a square in, its three outputs out.
import {
  type CompiledModel,
  Environment,
  loadAndCompile,
  loadLiteRt,
  supportsFeature,
  Tensor,
} from "@litertjs/core";
import type { BundleSpec } from "../../generated/bundle_spec.ts";
import { withFixedBatch } from "./fixed_batch.ts";
import type { Progress } from "../loading.ts";
import { PlainError } from "../types.ts";

/** Put in by build.mjs: how large each of LiteRT's files is, and how large as it is sent. */
declare const LITERT_SIZES: Record<string, { bytes: number; packed: number }>;

export interface Outputs {
  logits: Float32Array;
  class_maps: Float32Array;
  embedding: Float32Array;
}

const NAMES = ["logits", "class_maps", "embedding"] as const;

/** LiteRT's files, fetched but not started. */
export interface Runtime {
  /** How many threads it will work on. */
  threads: number;
  /** Where it came from. */
  addresses: string[];
  folder: string;
  wasm: Uint8Array;
}

/**
 * Fetch LiteRT's files: here and not by LiteRT, so that it can be told how much of them has come, and so that all has
 * come before it is started, since while its script loads itself the worker reads nothing else.
 */
export async function fetchLiteRT(folder: string, threads: number, progress: Progress): Promise<Runtime> {
  const relaxed = await supportsFeature("relaxedSimd");
  const threaded = threads > 1 && relaxed && crossOriginIsolated && (await supportsFeature("threads"));
  const variant = threaded ? "_threaded" : relaxed ? "" : "_compat";
  const addresses = ["js", "wasm"].map((kind) => `${folder}litert_wasm${variant}_internal.${kind}`);
  progress.expect(addresses.map((address) => [address, sizesOf(address).packed]));
  const [, wasm] = await Promise.all(addresses.map((address) => fetchFile(address, progress)));
  return { threads: threaded ? threads : 1, addresses, folder, wasm: wasm! };
}

/** Start LiteRT, on as many threads as were asked for when it was fetched. */
export async function startLiteRT({ threads, addresses, folder, wasm }: Runtime): Promise<void> {
  // Else it looks beside the worker's own script, for its WebAssembly and for what its threads run.
  const locateFile = (name: string): string => folder + name;
  // It reports each step of its start as if it were an error.
  const printErr = (line: string): void => console.debug(line);
  Object.assign(self, { Module: { locateFile, mainScriptUrlOrBlob: addresses[0], printErr, wasmBinary: wasm } });
  await loadLiteRt(folder, { threads: threads > 1 });
}

async function fetchFile(address: string, progress: Progress): Promise<Uint8Array> {
  const response = await fetch(address).catch(() => null);
  if (!response?.ok) throw new PlainError("unreachable", "The server cannot be reached. Check that it still runs, then try again.");
  return progress.read(address, response, sizesOf(address).bytes);
}

function sizesOf(address: string): { bytes: number; packed: number } {
  return LITERT_SIZES[address.slice(address.lastIndexOf("/") + 1)]!;
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
