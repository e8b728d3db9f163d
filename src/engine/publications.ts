import pLimit from "p-limit";
import type { Address } from "../core/address.ts";
import type { Failure } from "../core/failure.ts";
import type { Values } from "../core/value.ts";
import { findKind } from "../kind/find-kind.ts";
import type { Edit, Item, Kind } from "../kind/kind.ts";
import type { Resource } from "../kind/resource.ts";
import type { Entry } from "../kind/state-entry.ts";
import { keepEach } from "../lifecycle/batching.ts";
import type { Observed } from "../plan/plan.ts";
import type { Engine } from "./engine.ts";
import { isFatal } from "./failures.ts";
import { describeFailure } from "./observation-session.ts";

/** A draft and what callers get of it, as far as they differ, with who made them. */
export interface Publication {
  readonly draft: Values;
  /** Absent when callers get the draft, or nothing. */
  readonly published?: Values | undefined;
  readonly edited?: Edit | undefined;
  readonly release?: Edit | undefined;
}

/** What publications are read for. */
export interface PublicationQuery {
  readonly desired: readonly Resource[];
  readonly entries: ReadonlyMap<Address, Entry>;
  readonly observed: ReadonlyMap<Address, Observed>;
  /** Addresses whose objects were edited at Coze: who did it is read. */
  readonly edited: ReadonlySet<Address>;
}

/** What was read; `unknown`: why it isn't known who changed some objects, by address. */
export interface Publications {
  readonly found: ReadonlyMap<Address, Publication>;
  readonly unknown: ReadonlyMap<Address, Failure>;
}

/**
 * Reads of the objects whose draft is newer than their publication what callers get, and who changed them and those in
 * `edited`. One listing per parent and channel, and up to four calls for each of these objects. Throws an
 * `ObserveError`.
 */
export async function readPublications<Api>(
  engine: Engine<Api>,
  query: PublicationQuery,
): Promise<Publications> {
  const limit = pLimit(engine.parallelism);
  const wanted = new Map(query.desired.map((one) => [one.address, one]));
  const behind = keepEach<Promise<ReadonlySet<string>>>();
  const found = new Map<Address, Publication>();
  const unknown = new Map<Address, Failure>();
  const present = [...query.observed].flatMap(([address, seen]) =>
    seen.status === "present" ? [{ address, item: seen.item, partial: seen.partial === true }] : [],
  );
  await Promise.all(
    present.map(async ({ address, item, partial }) => {
      const name = query.entries.get(address)?.kind ?? wanted.get(address)?.kind;
      const kind = name === undefined ? undefined : findKind(engine.provider, name);
      const { release } = kind ?? {};
      if (!kind || !release?.listEdited) return;
      const ask = <T>(call: (api: Api) => Promise<T>) => limit(() => call(engine.apiOf(kind)));
      const at = wanted.get(address)?.at;
      const tell = (error: unknown): never => {
        throw describeFailure(engine, kind, error, { subject: address, at }, address);
      };
      const ids = await behind([kind.name, item.parent], () =>
        ask((api) => listEdited(api, kind, item.parent, query)),
      ).catch(tell);
      const isBehind = ids.has(item.id);
      if (!isBehind && !query.edited.has(address)) return;
      const nameEditor = (of: "draft" | "published") =>
        ask(async (api) => release.editor?.(api, item, of)).catch((error: unknown) => {
          unknown.set(address, bearable(engine, error, tell));
          return undefined;
        });
      const edited = await nameEditor("draft");
      const draft = await readDraft(kind, item, partial, ask).catch(tell);
      if (!isBehind) found.set(address, { draft, edited });
      else {
        const published = await ask(async (api) => release.read?.(api, item)).catch(tell);
        found.set(address, { draft, published, edited, release: await nameEditor("published") });
      }
    }),
  );
  return { found, unknown };
}

async function listEdited<Api>(
  api: Api,
  kind: Kind<Api>,
  parent: string | undefined,
  { desired, entries }: PublicationQuery,
): Promise<ReadonlySet<string>> {
  const all = [...desired, ...entries.values()];
  const specs = all.flatMap((one) => (one.kind === kind.name ? [one.spec] : []));
  return (await kind.release?.listEdited?.(api, parent, { specs })) ?? new Set();
}

/** The whole draft: a plan reads only what its list tells of an unchanged one. */
async function readDraft<Api>(
  kind: Kind<Api>,
  item: Item,
  partial: boolean,
  ask: <T>(call: (api: Api) => Promise<T>) => Promise<T>,
): Promise<Values> {
  if (!partial) return item.live;
  const reading = await ask(async (api) => kind.read?.(api, item));
  return reading ? { ...item.live, ...reading.live } : item.live;
}

/** A failure that only leaves something unsaid; throws one after which no call works. */
function bearable<Api>({ provider }: Engine<Api>, error: unknown, tell: (error: unknown) => never): Failure {
  const failure = provider.explain(error);
  return isFatal.has(failure.type) ? tell(error) : failure;
}
