import { asId, dataOf, listIn, unexpected } from "./answer.ts";
import type { Answer, Wire } from "./operation.ts";

/** How a list is cut into pages. */
export interface Listing {
  /** Items per page: the most that the reference allows. */
  readonly size: number;
  /** The field that holds the items, and the one that tells them apart. */
  readonly items: string;
  readonly id: string;
  /** The field that holds the number of all items, where it can be trusted. */
  readonly total?: string;
  /** What holds the items; `data` unless given. */
  container?(answer: Answer): Wire;
}

/** Which page to ask for: by number from 1, or by the token of the page before. */
export interface Cursor {
  readonly page: number;
  readonly size: number;
  readonly token: string | undefined;
}

/** Fields that tell of an empty list that it is empty. */
const counts = ["total", "total_count", "has_more"];

/**
 * Reads a list page by page to its end. Throws UnexpectedAnswer when a page brings an item a second time, when the
 * list ends before its own total, or when an answer tells nothing of a list at all: acting on half a list would make things anew that are there already.
 */
export async function* readPages<T>(
  listing: Listing,
  ask: (cursor: Cursor) => Promise<Answer>,
): AsyncGenerator<readonly T[]> {
  const seen = new Set<string>();
  let token: string | undefined;
  for (let page = 1; ; page += 1) {
    const answer = await ask({ page, size: listing.size, token });
    const container = listing.container?.(answer) ?? dataOf<Wire>(answer);
    if (![listing.items, ...counts].some((name) => name in container)) {
      throw unexpected(answer, `it holds neither \`${listing.items}\` nor a count of them`);
    }
    const items = listIn(answer, container, listing.items).map((item) => {
      const id = asId(item[listing.id]);
      if (id === undefined) throw unexpected(answer, `an item has no \`${listing.id}\``);
      if (seen.has(id)) throw unexpected(answer, `page ${page} repeats ${listing.id} ${id}`);
      seen.add(id);
      return { ...item, [listing.id]: id };
    });
    // The type is the reference's promise; only the id was checked.
    if (items.length > 0) yield items as unknown as readonly T[];
    if (isLast(listing, answer, container, { count: items.length, seen: seen.size })) return;
    token = asId(container.next_page_token);
  }
}

function isLast(
  listing: Listing,
  answer: Answer,
  container: Wire,
  { count, seen }: { readonly count: number; readonly seen: number },
): boolean {
  const total = totalOf(listing, container);
  if (total !== undefined) {
    // Of a full page, a total that counts this page alone would say as much as one that counts them all.
    const isSure = count < listing.size || total > listing.size;
    if (seen >= total && isSure) return true;
    if (count === 0) throw unexpected(answer, `the list ends after ${seen} of ${total} items`);
    return false;
  }
  if (count === 0) return true;
  return typeof container.has_more === "boolean" ? !container.has_more : count < listing.size;
}

// Coze gives some of its numbers as text.
function totalOf(listing: Listing, container: Wire): number | undefined {
  const total = container[listing.total ?? ""] ?? "";
  return total === "" || Number.isNaN(Number(total)) ? undefined : Number(total);
}
