/** What may have changed in a collection, by id: undefined where the item was deleted. */
export type ChangedItems<T> = ReadonlyMap<string, T | undefined>;

/**
 * A collection that notes which items may have changed: those that were set or deleted, and, while an operation writes,
 * those that were taken by id. Items that are found in another way and then changed have to be set once more.
 */
export class TrackedCollection<T> extends Map<string, T> {
  readonly #noted = new Set<string>();
  readonly #isWriting: () => boolean;

  constructor(items: Iterable<readonly [string, T]>, isWriting: () => boolean) {
    super();
    this.#isWriting = isWriting;
    for (const [id, item] of items) super.set(id, item);
  }

  override get(id: string): T | undefined {
    if (this.#isWriting()) this.#noted.add(id);
    return super.get(id);
  }

  /** An item that won't be changed, so that it isn't noted. */
  look(id: string): T | undefined {
    return super.get(id);
  }

  override set(id: string, item: T): this {
    this.#noted.add(id);
    return super.set(id, item);
  }

  override delete(id: string): boolean {
    this.#noted.add(id);
    return super.delete(id);
  }

  override clear(): void {
    for (const id of this.keys()) this.#noted.add(id);
    super.clear();
  }

  /** The noted items as they are now; `forgets` begins the notes from the start. */
  takeChanges(forgets: boolean): ChangedItems<T> {
    const changed = new Map([...this.#noted].map((id) => [id, super.get(id)]));
    if (forgets) this.#noted.clear();
    return changed;
  }
}

/** A value that is only looked at. */
export type Seen<T> = T extends readonly (infer Item)[]
  ? readonly Seen<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: Seen<T[K]> }
    : T;

/** An item that is only looked at: an operation that takes it from the collection instead has it saved as changed. */
export const lookAt = <T>(items: ReadonlyMap<string, T>, id: string): Seen<T> | undefined =>
  (items instanceof TrackedCollection ? items.look(id) : items.get(id)) as Seen<T> | undefined;
