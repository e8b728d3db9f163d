import { isId } from "../../core/field.ts";
import { explain, say } from "../../messages/text.ts";
import type { UnexpectedAnswer } from "../error-classes.ts";
import type { ApiResponse, Wire } from "./operation.ts";
import { asText, dataOf, listIn, unexpected } from "./response.ts";

/** How a list is paginated. */
export interface PageListing {
  /** Items per page: the maximum of the reference. */
  readonly size: number;
  /** The field that holds the items, and the one that identifies them: an id, or with `named` a word. */
  readonly items: string;
  readonly id: string;
  readonly named?: true | undefined;
  /** The field with the number of all items, where it is reliable. */
  readonly total?: string | undefined;
  /** Remembers whether the service counts these pages from 0, which is tried once when a list ends before its total. */
  readonly base?: { first: 0 | 1 } | undefined;
  /** The object that holds the items; `data` by default. */
  container?(answer: ApiResponse): Wire;
}

/** The page to request: by number, or by the token of the page before. */
export interface Cursor {
  readonly page: number;
  readonly size: number;
  readonly token: string | undefined;
}

/** Fields that an empty list has even without items. */
const counts = ["total", "total_count", "has_more"];

/** The most pages that a list may have. */
const mostPages = 2000;

/** The most characters of a token for the next page. */
const longestToken = 4096;

/**
 * Reads a list page by page to its end. Throws UnexpectedAnswer when an item is repeated or has no id, when the list ends
 * before its own total or doesn't end, or when an answer holds no list at all: acting on half a list would create objects
 * that exist already.
 */
export async function* readPages<T>(
  listing: PageListing,
  ask: (cursor: Cursor) => Promise<ApiResponse>,
): AsyncGenerator<readonly T[]> {
  const seen = new Set<string>();
  let token: string | undefined;
  let fullest = 0;
  const { base } = listing;
  let first = base?.first ?? 1;
  for (let page = 1; ; page += 1) {
    const answer = await ask({ page: page - 1 + first, size: listing.size, token });
    const container = listing.container?.(answer) ?? dataOf<Wire>(answer);
    if (![listing.items, ...counts].some((name) => name in container)) {
      throw unexpected(answer, say("coze/list-missing", { items: listing.items }));
    }
    const found = listIn(answer, container, listing.items);
    const total = totalOf(listing, container);
    if (base && first === 1 && found.length === 0 && (total ?? 0) > seen.size) {
      first = 0;
      page = 0;
      continue;
    }
    if (base && first === 0 && page === 1 && found.length > 0) {
      const [item = {}] = found;
      // Page 0 was page 1 once more: the list is shorter than its total.
      if (seen.has(readId(listing, answer, item))) throw incomplete(answer, seen.size, total ?? 0);
      base.first = 0;
    }
    const items = found.map((item) => {
      const id = readId(listing, answer, item);
      if (seen.has(id)) throw unexpected(answer, say("coze/list-repeats", { page, field: listing.id, id }));
      seen.add(id);
      // The type is the reference's; only the id was checked.
      return { ...item, [listing.id]: id } as T;
    });
    if (items.length > 0) yield items;
    if (isLast(listing, answer, container, { count: items.length, seen: seen.size })) return;
    fullest = Math.max(fullest, items.length);
    const isSure = isTotalSure(listing, total, items.length);
    if (page >= pagesOf(isSure ? total : undefined, Math.min(listing.size, fullest))) {
      throw endless(answer, page, seen.size);
    }
    token = readToken(answer, container);
  }
}

function readId(listing: PageListing, answer: ApiResponse, item: Wire): string {
  const { id: field } = listing;
  const text = asText(item[field]);
  if (text === undefined) throw unexpected(answer, say("coze/item-field-missing", { field }));
  if (listing.named ? !/^[\w.:/-]{1,128}$/.test(text) : !isId(text)) {
    throw unexpected(answer, say("coze/item-field-not-id", { field }));
  }
  return text;
}

/** The most pages of a list: computed from its total and its fullest page, with one more that is empty. */
function pagesOf(total: number | undefined, size: number): number {
  return total === undefined ? mostPages : Math.min(mostPages, Math.ceil(total / Math.max(1, size)) + 1);
}

function endless(answer: ApiResponse, pages: number, items: number): UnexpectedAnswer {
  const { message, hint } = explain("coze/list-endless", {
    pages: pages.toLocaleString("en-US"),
    items: items.toLocaleString("en-US"),
  });
  return unexpected(answer, message, hint);
}

const incomplete = (answer: ApiResponse, seen: number, total: number): UnexpectedAnswer =>
  unexpected(answer, say("coze/list-incomplete", { seen, total }));

function readToken(answer: ApiResponse, container: Wire): string | undefined {
  const token = asText(container.next_page_token);
  if (token !== undefined && token.length > longestToken) {
    throw unexpected(answer, say("coze/page-token-too-long", { most: longestToken }));
  }
  return token;
}

function isLast(
  listing: PageListing,
  answer: ApiResponse,
  container: Wire,
  { count, seen }: { readonly count: number; readonly seen: number },
): boolean {
  const total = totalOf(listing, container);
  if (total !== undefined) {
    if (seen >= total && isTotalSure(listing, total, count)) return true;
    if (count === 0) throw incomplete(answer, seen, total);
    return false;
  }
  if (count === 0) return true;
  return typeof container.has_more === "boolean" ? !container.has_more : count < listing.size;
}

/** Whether a total counts all items: on a full page it may count this page only. */
const isTotalSure = ({ size }: PageListing, total: number | undefined, count: number): boolean =>
  count < size || (total ?? 0) > size;

// Coze sends some numbers as text.
function totalOf(listing: PageListing, container: Wire): number | undefined {
  const total = container[listing.total ?? ""] ?? "";
  return total !== "" && Number.isSafeInteger(Number(total)) && Number(total) >= 0
    ? Number(total)
    : undefined;
}
