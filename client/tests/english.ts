// Import this first: the page speaks English and remembers choices, whatever this machine's language is.
const kept = new Map<string, string>([["dermdistill.language", "en"]]);

Object.defineProperty(globalThis, "localStorage", {
  value: {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  },
});
Object.defineProperty(globalThis, "navigator", { value: { languages: ["en-US"] }, configurable: true });
