// Choices that last: kept by the browser where it allows that, else until the page is closed.

export interface Remembered {
  value: string;
  /** Keep nothing of it any more. */
  forget(): void;
}

/** Under which name the browser keeps it. */
export const storedName = (name: string): string => `dermdistill.${name}`;

/** A choice under a name; what was chosen at an earlier visit, or `first`. */
export function remembered(name: string, first: string): Remembered {
  const key = storedName(name);
  let value = first;
  try {
    value = localStorage.getItem(key) ?? first;
  } catch {
    // A browser that keeps nothing for pages.
  }
  return {
    get value() {
      return value;
    },
    set value(next) {
      value = next;
      try {
        localStorage.setItem(key, next);
      } catch {
        // As above.
      }
    },
    forget() {
      value = first;
      try {
        localStorage.removeItem(key);
      } catch {
        // As above.
      }
    },
  };
}
