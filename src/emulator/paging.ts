import { refuseParameter } from "./envelope.ts";
import { integer, text } from "./params.ts";

/** Page parameters by number; both are 1-based and refused outside their limits. */
export function pageRules(largest: number) {
  return { page_num: integer(1), page_size: integer(1, largest) } as const;
}

/** Page parameters by token. */
export function tokenRules(largest: number) {
  return { page_token: text(), page_size: integer(1, largest) } as const;
}

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
  readonly hasMore: boolean;
}

/** The page asked for by number. */
export function slicePage<T>(
  all: readonly T[],
  query: { page_num?: number; page_size?: number },
  defaultSize: number,
): Page<T> {
  const size = query.page_size ?? defaultSize;
  const start = ((query.page_num ?? 1) - 1) * size;
  return { items: all.slice(start, start + size), total: all.length, hasMore: start + size < all.length };
}

/** The page asked for by token, and the token of the page after it. */
export function sliceByToken<T>(
  all: readonly T[],
  query: { page_token?: string; page_size?: number },
  defaultSize: number,
): Page<T> & { readonly nextToken: string } {
  const start = query.page_token ? decodeToken(query.page_token) : 0;
  const end = start + (query.page_size ?? defaultSize);
  return {
    items: all.slice(start, end),
    total: all.length,
    hasMore: end < all.length,
    nextToken: Buffer.from(`from:${end}`).toString("base64url"),
  };
}

function decodeToken(token: string): number {
  const found = /^from:(\d+)$/.exec(Buffer.from(token, "base64url").toString());
  return found ? Number(found[1]) : refuseParameter("page_token", "is not a token of this list");
}
