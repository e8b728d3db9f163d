/** `Kind.name`, or `Kind.name["key"]` for one of the resources that `metadata.for_each` made. */
export type Address = string;

const pattern = /^([A-Z][A-Za-z]*)\.([a-z0-9-]+)(?:\[("(?:[^"\\]|\\.)*")\])?$/u;

/** Writes an address; `key` is the key of `for_each`. */
export function formatAddress(kind: string, name: string, key?: string): Address {
  return key === undefined ? `${kind}.${name}` : `${kind}.${name}[${JSON.stringify(key)}]`;
}

/** Reads an address back into its parts; undefined when the text isn't one. */
export function parseAddress(text: string): { kind: string; name: string; key?: string } | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, kind = "", name = "", quoted] = match;
  if (quoted === undefined) return { kind, name };
  try {
    return { kind, name, key: JSON.parse(quoted) as string };
  } catch {
    return undefined;
  }
}

/** Whether a target names this address: itself, or every key of `Kind.name`. */
export function addressMatches(target: string, address: Address): boolean {
  return address === target || address.startsWith(`${target}[`);
}
