import pLimit from "p-limit";
import { ExplainedError } from "../core/explained-error.ts";
import type { Values } from "../core/value.ts";
import type { Engine } from "../engine/engine.ts";
import { findKind } from "../kind/find-kind.ts";
import { holderKind, sortByHolder } from "../kind/holder.ts";
import type { Item, Kind } from "../kind/kind.ts";
import type { KindSchema } from "../kind/schema.ts";
import { refreshListed } from "../lifecycle/presence.ts";
import { type Explained, explain } from "../messages/text.ts";
import { findUnreturned, specOf } from "./written-spec.ts";

/** Which objects of an account to export. */
export interface EstateQuery {
  /** Ids of the objects at the top, the workspaces: everything that they hold is read. */
  readonly tops: readonly string[];
  /** Names of kinds; all of them without it. */
  readonly kinds?: ReadonlySet<string> | undefined;
  /** Whether an object with this name is exported; the tops always are. */
  readonly isNamed: (name: string) => boolean;
  /** Only what these folders hold. */
  readonly folders?: ReadonlySet<string> | undefined;
}

/** An object that a manifest can stand for, as Coze shows it. */
export interface LiveObject {
  readonly kind: KindSchema;
  readonly id: string;
  readonly parent?: string | undefined;
  readonly live: Values;
  /** Given only if the object can be relied on to be of this revision. */
  readonly revision?: number | undefined;
  /** The names of objects that it refers to, by id. */
  readonly names: ReadonlyMap<string, string>;
  /** It was changed since callers got to see it. */
  readonly isEdited: boolean;
  readonly remark?: string | undefined;
}

/** An object without a manifest, and why. */
export interface LeftObject {
  readonly kind: string;
  /** What it is, where the kind has several sorts. */
  readonly type?: string | undefined;
  readonly name: string;
  readonly id: string;
  /** What holds it. */
  readonly parent?: { readonly kind: string; readonly id: string; readonly name: string } | undefined;
  readonly problem: Explained;
}

/** Objects that couldn't be listed, and why. */
export interface UnreadList {
  readonly kind: string;
  readonly parent?: LeftObject["parent"];
  readonly problem: Explained;
}

/** What was read of an account. */
export interface Estate {
  /** In the order of the kinds, each after what holds it, and within a kind by id: the older ones first. */
  readonly objects: readonly LiveObject[];
  readonly left: readonly LeftObject[];
  readonly unread: readonly UnreadList[];
  /** All that was listed, by kind: what a lookup finds. */
  readonly listed: ReadonlyMap<string, readonly Item[]>;
}

/** The kind whose objects hold all others. */
export function findTopKind<K extends KindSchema>(kinds: readonly K[]): K {
  const top = kinds.find(
    (kind) =>
      kind.parent === undefined &&
      isManageable(kind) &&
      kinds.some((other) => isManageable(other) && holderKind(other) === kind.name),
  );
  if (!top) throw new Error("no kind holds the others");
  return top;
}

const isManageable = ({ removal }: KindSchema): boolean => removal !== undefined;

/** What people call an object: as its manifest would, where Coze shows a file's ending twice. */
export function titleOf(kind: KindSchema, live: Values): string {
  const fields = [kind.title, kind.identity.at(-1)].flatMap((name) => name ?? []);
  const field = fields.find((name) => typeof live[name] === "string" && live[name] !== "");
  if (field === undefined) return "";
  const shown = String(live[field]);
  const [, single] = /^(.*(\.[^.]+))\2$/su.exec(shown) ?? [];
  return single !== undefined && kind.fields[field]?.equal?.(single, shown) ? single : shown;
}

/** Ids grow with time; the shorter number is the smaller one. */
const compareIds = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);

interface Reading<Api> {
  readonly engine: Engine<Api>;
  readonly query: EstateQuery;
  readonly limit: ReturnType<typeof pLimit>;
  readonly objects: LiveObject[];
  readonly left: LeftObject[];
  readonly unread: UnreadList[];
  readonly listed: Map<string, Item[]>;
}

/**
 * Reads all that some workspaces hold, and what nothing holds: one listing per kind and holder, and one call for each
 * object that its list doesn't show whole. Writes nothing. Throws what a call throws, unless Coze refuses it to this
 * token: that is noted.
 */
export async function readEstate<Api>(
  engine: Engine<Api>,
  tops: readonly Item[],
  query: EstateQuery,
): Promise<Estate> {
  const kinds = engine.provider.kinds.filter(({ listing }) => !listing?.onlyForLookups);
  const limit = pLimit(engine.parallelism);
  const reading: Reading<Api> = {
    engine,
    query,
    limit,
    objects: [],
    left: [],
    unread: [],
    listed: new Map(),
  };
  const top = findTopKind(kinds);
  reading.listed.set(top.name, [...tops]);
  const chosen = chooseKinds(kinds, query);
  const order = sortByHolder(kinds);
  for (const kind of order.filter(({ name }) => chosen.listed.has(name))) {
    const items =
      kind === top ? tops.filter(({ id }) => query.tops.includes(id)) : await listKind(reading, kind);
    const found = [...items].sort(
      (a, b) => compareIds(a.parent ?? "", b.parent ?? "") || compareIds(a.id, b.id),
    );
    if (chosen.exported.has(kind.name)) await sortOut(reading, kind, found, kind === top);
  }
  return reading;
}

/** The kinds to export, and those to list: also their holders, and what they refer to. */
function chooseKinds(kinds: readonly KindSchema[], { kinds: names, folders }: EstateQuery) {
  const top = findTopKind(kinds).name;
  const inFolders = kinds.filter((kind) => kind.name === top || holderKind(kind) === top);
  const all = new Set((folders ? inFolders : kinds).map(({ name }) => name));
  if (!names) return { exported: all, listed: all };
  const listed = new Set([top, ...names]);
  for (const name of names) {
    const { fields } = findKind({ kinds }, name);
    for (const referred of refKinds(fields)) listed.add(referred);
    for (let at: string | undefined = name; at !== undefined; at = holderKind(findKind({ kinds }, at)))
      listed.add(at);
  }
  return { exported: new Set(names), listed };
}

function refKinds(shape: object): readonly string[] {
  if ("type" in shape && shape.type === "ref" && "kind" in shape) return [String(shape.kind)];
  return Object.values(shape).flatMap((part) =>
    typeof part === "object" && part !== null ? refKinds(part) : [],
  );
}

/** All objects of a kind below what was listed of its holders. */
async function listKind<Api>(reading: Reading<Api>, kind: Kind<Api>): Promise<readonly Item[]> {
  const { engine, limit, query } = reading;
  const holder = holderKind(kind);
  const isTop = holder === findTopKind(engine.provider.kinds).name;
  const holders = (reading.listed.get(holder ?? "") ?? []).filter(
    ({ id, unmanageable }) => !unmanageable && (!isTop || query.tops.includes(id)),
  );
  const parents = holder === undefined ? [undefined] : holders;
  const pages = parents.map((parent) => limit(() => listBelow(reading, kind, parent)));
  const items = (await Promise.all(pages)).flat();
  reading.listed.set(kind.name, items);
  return items;
}

async function listBelow<Api>(
  { engine, unread }: Reading<Api>,
  kind: Kind<Api>,
  parent: Item | undefined,
): Promise<readonly Item[]> {
  // Of what no manifest can say, less than all is enough.
  const { widest = [], onlyHere = findUnreturned(kind).length > 0 ? [] : widest } = kind.listing ?? {};
  const items: Item[] = [];
  try {
    const scope = { specs: onlyHere, everything: true } as const;
    for await (const page of kind.list(engine.apiOf(kind), parent?.id, scope)) items.push(...page);
    return items;
  } catch (error) {
    const problem = explainUnread(engine, error);
    if (!problem) throw error;
    unread.push({ kind: kind.name, parent: describeHolder(engine, kind, parent), problem });
    return [];
  }
}

/** Why something can't be read with this token; undefined for other failures, which end the reading. */
function explainUnread<Api>({ provider }: Engine<Api>, error: unknown): Explained | undefined {
  if (error instanceof ExplainedError) return { message: error.message, hint: error.hint };
  const failure = provider.explain(error);
  if (failure.type !== "forbidden") return undefined;
  return { message: failure.message, hint: failure.hint ?? "" };
}

function describeHolder<Api>(
  { provider }: Engine<Api>,
  kind: KindSchema,
  parent: Item | undefined,
): LeftObject["parent"] {
  const holder = holderKind(kind);
  if (!parent || holder === undefined) return undefined;
  return { kind: holder, id: parent.id, name: titleOf(findKind(provider, holder), parent.live) };
}

/** Tells what a manifest can stand for from the rest, and reads the former whole. */
async function sortOut<Api>(
  reading: Reading<Api>,
  kind: Kind<Api>,
  items: readonly Item[],
  isTop: boolean,
): Promise<void> {
  const { query, limit } = reading;
  const chosen = items.filter(({ live, folder }) => {
    if (isTop) return true;
    if (query.folders && !(folder !== undefined && query.folders.has(folder))) return false;
    return query.isNamed(titleOf(kind, live));
  });
  const edited = await findEdited(reading, kind, chosen);
  const read = chosen.map((item) => limit(() => readOne(reading, kind, item, edited)));
  for (const one of await Promise.all(read)) {
    if ("problem" in one) reading.left.push(one);
    else reading.objects.push(one);
  }
}

/** Ids of objects that were changed since callers got to see them; asked only where something is published. */
async function findEdited<Api>(
  { engine }: Reading<Api>,
  kind: Kind<Api>,
  items: readonly Item[],
): Promise<ReadonlySet<string>> {
  const edited = new Set<string>();
  const { release } = kind;
  if (!release?.listEdited) return edited;
  const followed = (kind.followUps ?? []).flatMap((one) => one.fields);
  const isSeen = ({ live, remark }: Item) =>
    remark !== undefined || followed.some((name) => specOf(kind.fields, live)[name] !== undefined);
  const parents = new Set(items.filter(isSeen).map(({ parent }) => parent));
  for (const parent of parents) {
    for (const id of await release.listEdited(engine.apiOf(kind), parent, {
      specs: kind.listing?.widest ?? [],
    }))
      edited.add(id);
  }
  return edited;
}

async function readOne<Api>(
  reading: Reading<Api>,
  kind: Kind<Api>,
  item: Item,
  edited: ReadonlySet<string>,
): Promise<LiveObject | LeftObject> {
  const { engine } = reading;
  const refuse = (problem: Explained): LeftObject => leave(reading, kind, item, problem);
  if (item.unmanageable) return refuse(item.unmanageable);
  if (!isManageable(kind)) return refuse(explain("export/only-looked-up", { kind: kind.name }));
  const unreturned = findUnreturned(kind);
  if (unreturned.length > 0)
    return refuse(explain("export/unreturned", { kind: kind.name, fields: unreturned.join(", ") }));
  const unmanageable = kind.unmanageable?.(item.live);
  if (unmanageable) return refuse(unmanageable);
  const api = engine.apiOf(kind);
  const host = {
    api,
    kind,
    serverTime: () => engine.provider.serverTime(api),
    call: <T>(_place: unknown, make: () => Promise<T>) => make(),
  };
  try {
    const seen = await refreshListed(host, item, false);
    if (seen.status === "absent") return refuse(explain("engine/listed-unreadable", { id: item.id }));
    const { live, revision, names = new Map<string, string>() } = seen;
    const { id, parent, remark } = item;
    return { kind, id, parent, live, revision, names, isEdited: edited.has(id), remark };
  } catch (error) {
    const problem = explainUnread(engine, error);
    if (!problem) throw error;
    return refuse(problem);
  }
}

/** An object without a manifest. */
function leave<Api>(
  { engine, listed }: Reading<Api>,
  kind: KindSchema,
  item: Item,
  problem: Explained,
): LeftObject {
  const holder = holderKind(kind);
  const parent = listed.get(holder ?? "")?.find(({ id }) => id === item.parent);
  const { type } = item.live;
  return {
    kind: kind.name,
    type: kind.copying && typeof type === "string" ? type : undefined,
    name: titleOf(kind, item.live) || String(item.live.name ?? ""),
    id: item.id,
    parent: describeHolder(engine, kind, parent),
    problem,
  };
}
