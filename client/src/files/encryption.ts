// A file encrypted with a passphrase. docs/cases.md says how to open one without this page.
//
// 24 bytes of MAGIC, a length of 4 bytes (big-endian), a head of so many bytes of JSON, then pieces. Each piece is up
// to `piece` bytes by AES-256-GCM, with its tag of 16 bytes behind it. Its nonce is the head's nonce (7 bytes), the
// piece's number (4 bytes, big-endian) and 1 for the last piece, else 0; what is authenticated beside it is all that
// lies before the first piece. So no piece can be changed, left out, moved or cut off. The key is PBKDF2's of the
// passphrase (UTF-8, NFC) by HMAC-SHA-256. It is the construction of STREAM (Hoang, Reyhanitabar, Rogaway, Vizár, 2015).
import { Refused } from "./refusal.ts";

const MAGIC = "DermDistill encrypted 1\n";
const TAG = 16;
/** What OWASP's password storage cheat sheet asks of PBKDF2-HMAC-SHA-256 since 2023. */
const ITERATIONS = 600_000;
const PIECE = 1 << 20;
// A head that asks for more would keep the page busy for minutes.
const [LEAST_ITERATIONS, MOST_ITERATIONS] = [100_000, 5_000_000];
const [LEAST_PIECE, MOST_PIECE, MOST_HEAD] = [1 << 16, 1 << 24, 4096];

interface Head {
  kdf: "PBKDF2-HMAC-SHA-256";
  iterations: number;
  salt: string;
  cipher: "AES-256-GCM";
  piece: number;
  nonce: string;
}

/** Whether this page may encrypt: browsers allow it only where it was opened by https, or on this machine. */
export const canEncrypt = (): boolean => globalThis.crypto?.subtle !== undefined;

export async function isEncrypted(file: Blob): Promise<boolean> {
  return (await file.slice(0, MAGIC.length).text()) === MAGIC;
}

export async function encrypted(plain: Blob, passphrase: string): Promise<Blob> {
  const [salt, nonce] = [crypto.getRandomValues(new Uint8Array(16)), crypto.getRandomValues(new Uint8Array(7))];
  const head: Head = {
    kdf: "PBKDF2-HMAC-SHA-256",
    iterations: ITERATIONS,
    salt: base64(salt),
    cipher: "AES-256-GCM",
    piece: PIECE,
    nonce: base64(nonce),
  };
  const json = new TextEncoder().encode(JSON.stringify(head));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, json.length);
  const before = new Uint8Array(await new Blob([MAGIC, length, json]).arrayBuffer());
  const key = await keyOf(passphrase, salt, ITERATIONS, "encrypt");
  const parts: Blob[] = [];
  for (let i = 0, at = 0; i === 0 || at < plain.size; i++, at += PIECE) {
    const piece = await plain.slice(at, at + PIECE).arrayBuffer();
    const how = { name: "AES-GCM", iv: nonceOf(nonce, i, at + PIECE >= plain.size), additionalData: before };
    parts.push(new Blob([await crypto.subtle.encrypt(how, key, piece)]));
  }
  return new Blob([before, ...parts], { type: "application/octet-stream" });
}

/** @throws Refused when the passphrase does not fit, when anything was changed, or where the page may not decrypt */
export async function decrypted(file: Blob, passphrase: string): Promise<Blob> {
  if (!canEncrypt()) throw new Refused("import.insecure");
  const { head, before } = await headOf(file);
  const [salt, nonce] = [bytesOf(head.salt), bytesOf(head.nonce)];
  const key = await keyOf(passphrase, salt, head.iterations, "decrypt");
  const parts: Blob[] = [];
  for (let i = 0, at = before.length; i === 0 || at < file.size; i++, at += head.piece + TAG) {
    const piece = await file.slice(at, at + head.piece + TAG).arrayBuffer();
    const how = { name: "AES-GCM", iv: nonceOf(nonce, i, at + head.piece + TAG >= file.size), additionalData: before };
    try {
      parts.push(new Blob([await crypto.subtle.decrypt(how, key, piece)]));
    } catch {
      throw new Refused("import.wrong");
    }
  }
  return new Blob(parts);
}

async function headOf(file: Blob): Promise<{ head: Head; before: Uint8Array<ArrayBuffer> }> {
  const from = MAGIC.length + 4;
  const length = new DataView(await file.slice(MAGIC.length, from).arrayBuffer());
  const end = from + (length.byteLength === 4 ? length.getUint32(0) : Infinity);
  if (end > Math.min(from + MOST_HEAD, file.size)) throw new Refused("import.damaged", { what: "its head is cut off" });
  const before = new Uint8Array(await file.slice(0, end).arrayBuffer());
  try {
    const head = JSON.parse(new TextDecoder().decode(before.subarray(from))) as Head;
    const bounded =
      between(head.iterations, LEAST_ITERATIONS, MOST_ITERATIONS) &&
      between(head.piece, LEAST_PIECE, MOST_PIECE) &&
      head.kdf === "PBKDF2-HMAC-SHA-256" &&
      head.cipher === "AES-256-GCM" &&
      bytesOf(head.salt).length >= 16 &&
      bytesOf(head.nonce).length === 7;
    if (bounded) return { head, before };
  } catch {
    // No JSON, or no base64: told below.
  }
  throw new Refused("import.damaged", { what: "its head cannot be read" });
}

const between = (value: unknown, least: number, most: number): boolean =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

async function keyOf(passphrase: string, salt: Uint8Array<ArrayBuffer>, iterations: number, use: "encrypt" | "decrypt"): Promise<CryptoKey> {
  const word = new TextEncoder().encode(passphrase.normalize("NFC"));
  const from = await crypto.subtle.importKey("raw", word, "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return crypto.subtle.deriveKey(how, from, { name: "AES-GCM", length: 256 }, false, [use]);
}

function nonceOf(prefix: Uint8Array, number: number, last: boolean): Uint8Array<ArrayBuffer> {
  const nonce = new Uint8Array(12);
  nonce.set(prefix);
  new DataView(nonce.buffer).setUint32(7, number);
  nonce[11] = Number(last);
  return nonce;
}

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
