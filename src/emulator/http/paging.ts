import { isVariant } from "../world/variants.ts";
import type { World } from "../world/world.ts";
import { refuseParameter } from "./envelope.ts";
import { choice, id, integer, required, text } from "./params.ts";

/** Page parameters by number; both are 1-based and refused outside their limits. */
export function pageRules(largest?: number) {
  return { page_num: integer(1), page_size: integer(1, largest) } as const;
}

/** Parameters of the lists of bots and apps; the defaults hide drafts and bots of other channels. */
export const publishedRules = {
  ...pageRules(),
  workspace_id: required(id),
  publish_status: choice("all", "published_online", "published_draft", "unpublished_draft"),
  connector_id: id,
} as const;

/** In a variant, refuses pages that are larger than the reference's default: it names no maximum. */
export function checkPageSize(world: World, { page_size = 1 }: { page_size?: number | undefined }): void {
  if (page_size > 20 && isVariant(world, "pages-to-20")) {
    refuseParameter("page_size", `must be between 1 and 20, got ${page_size}`);
  }
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

/** The requested page by number. */
export function slicePage<T>(
  all: readonly T[],
  query: { page_num?: number | undefined; page_size?: number | undefined },
  defaultSize: number,
): Page<T> {
  const size = query.page_size ?? defaultSize;
  const start = ((query.page_num ?? 1) - 1) * size;
  return { items: all.slice(start, start + size), total: all.length, hasMore: start + size < all.length };
}

/** The `data` of the requested page by token; always with a token for the next page. */
export function dataByToken<T>(
  all: readonly T[],
  query: { page_token?: string | undefined; page_size?: number | undefined },
  defaultSize: number,
  show: (item: T) => object,
) {
  const start = query.page_token ? decodeToken(query.page_token) : 0;
  const end = start + (query.page_size ?? defaultSize);
  return {
    items: all.slice(start, end).map(show),
    has_more: end < all.length,
    next_page_token: Buffer.from(`from:${end}`).toString("base64url"),
  };
}

/** The parts of a request that select a page. */
export interface PageRequest {
  readonly query: URLSearchParams;
  readonly json: unknown;
}

/** The same request for the first page; undefined if it already is. */
export function askForFirst({ query, json }: PageRequest): PageRequest | undefined {
  const body = typeof json === "object" && json !== null ? json : {};
  const isLater =
    Number(query.get("page_num") ?? 1) > 1 ||
    Boolean(query.get("page_token")) ||
    ("page" in body && Number(body.page) > 1);
  if (!isLater) return undefined;
  const first = new URLSearchParams(query);
  first.delete("page_token");
  if (first.has("page_num")) first.set("page_num", "1");
  return { query: first, json: "page" in body ? { ...body, page: 1 } : json };
}

function decodeToken(token: string): number {
  const found = /^from:(\d+)$/.exec(Buffer.from(token, "base64url").toString());
  return found ? Number(found[1]) : refuseParameter("page_token", "is not a token of this list");
}
