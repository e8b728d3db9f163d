import { TrieRouter } from "hono/router/trie-router";
import { areas } from "../areas/index.ts";
import type { Operation } from "./operation.ts";

/** Every operation of the emulator. Of two that match a request, the first is used. */
export const operations: readonly Operation[] = areas.flatMap((area) => area.operations ?? []);

/** The names of all operations. */
export const operationNames: readonly string[] = operations.map(({ name }) => name);

/** The permission points that any operation requires. */
export const permissionPoints: ReadonlySet<string> = new Set(
  operations.flatMap(({ permissions }) =>
    "field" in permissions ? Object.values(permissions.points).flat() : permissions,
  ),
);

const router = new TrieRouter<Operation>();
for (const each of operations) {
  router.add(each.method, each.path, each);
}

/** The operation at an address, with its path parameters decoded. */
export function findOperation(
  method: string,
  path: string,
): { readonly operation: Operation; readonly params: Record<string, string> } | undefined {
  const [matches] = router.match(method.toUpperCase(), path);
  const [found] = matches;
  if (!found) return undefined;
  const [operation, params] = found;
  const decoded = Object.entries(params).map(([name, value]) => [name, decode(String(value))]);
  return { operation, params: Object.fromEntries(decoded) };
}

/** Whether a request can change anything: some POSTs only read. An unknown address counts by its method. */
export function isWrite(method: string, path: string): boolean {
  const pathname = path.split("?", 1)[0] ?? path;
  return findOperation(method, pathname)?.operation.writes ?? !["GET", "HEAD"].includes(method.toUpperCase());
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
