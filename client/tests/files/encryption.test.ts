import assert from "node:assert/strict";
import { test } from "node:test";
import { decrypted, encrypted, isEncrypted } from "../../src/files/encryption.ts";
import { Refused } from "../../src/files/refusal.ts";

const PIECE = 1 << 20;
const random = (length: number): Uint8Array<ArrayBuffer> => Uint8Array.from({ length }, (_, i) => (i * 2654435761) >>> 24);
const wrong = (error: unknown): boolean => error instanceof Refused && error.key === "import.wrong";
const damaged = (error: unknown): boolean => error instanceof Refused && error.key === "import.damaged";

for (const length of [0, 1, PIECE - 1, PIECE, PIECE + 1]) {
  test(`${length} bytes are the same after encryption and decryption`, async () => {
    const plain = random(length);
    const file = await encrypted(new Blob([plain]), "correct horse");
    assert.ok(await isEncrypted(file));
    assert.deepEqual(new Uint8Array(await (await decrypted(file, "correct horse")).arrayBuffer()), plain);
  });
}

const file = await encrypted(new Blob([random(2 * PIECE + 5)]), "correct horse");
const bytes = new Uint8Array(await file.arrayBuffer());
const head = 28 + new DataView(bytes.buffer).getUint32(24);

test("another passphrase opens nothing", () => assert.rejects(decrypted(file, "correct horsf"), wrong));

test("the same letters open it however they are composed", async () => {
  const accented = await encrypted(new Blob(["x"]), "r\u00e9sum\u00e9 caf\u00e9");
  assert.equal(await (await decrypted(accented, "re\u0301sume\u0301 cafe\u0301")).text(), "x");
});

test("two encryptions of the same share neither salt nor text", async () => {
  const other = new Uint8Array(await (await encrypted(new Blob([random(5)]), "correct horse")).arrayBuffer());
  const again = new Uint8Array(await (await encrypted(new Blob([random(5)]), "correct horse")).arrayBuffer());
  assert.notDeepEqual(other, again);
});

const forged: Record<string, Uint8Array<ArrayBuffer>> = {
  "a changed byte": bytes.with(head + 7, bytes[head + 7]! ^ 1),
  "a changed head": bytes.with(28 + 2, bytes[30]! ^ 1),
  "its last piece cut off": bytes.slice(0, head + 2 * (PIECE + 16)),
  "its last bytes cut off": bytes.slice(0, -1),
  "two pieces exchanged": new Uint8Array([
    ...bytes.subarray(0, head),
    ...bytes.subarray(head + PIECE + 16, head + 2 * (PIECE + 16)),
    ...bytes.subarray(head, head + PIECE + 16),
    ...bytes.subarray(head + 2 * (PIECE + 16)),
  ]),
  "bytes behind its end": new Uint8Array([...bytes, 0]),
};

for (const [name, forgery] of Object.entries(forged)) {
  test(`a file with ${name} is refused`, () => assert.rejects(decrypted(new Blob([forgery]), "correct horse"), Refused));
}

/** The file with something else in its head. */
function headed(changes: object): Blob {
  const text = new TextDecoder().decode(bytes.subarray(28, head));
  const json = new TextEncoder().encode(JSON.stringify({ ...JSON.parse(text), ...changes }));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, json.length);
  return new Blob([bytes.subarray(0, 24), length, json, bytes.subarray(head)]);
}

for (const changes of [{ iterations: 1e9 }, { iterations: 1 }, { piece: 1 }, { piece: 2 ** 31 }, { cipher: "none" }, { salt: "AAAA" }, { nonce: "" }]) {
  test(`a head that says ${JSON.stringify(changes)} is refused at once`, () => assert.rejects(decrypted(headed(changes), "correct horse"), damaged));
}
