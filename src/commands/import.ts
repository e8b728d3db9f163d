import { type Address, parseAddress } from "../core/address.ts";
import { commandLine } from "../core/command-line.ts";
import { type Diagnostic, InvalidInput, isError, type Location } from "../core/diagnostic.ts";
import { rememberSpec } from "../core/digest.ts";
import { isId } from "../core/field.ts";
import { formatPath, pathAsWritten } from "../core/spec-walk.ts";
import { suggestAddress } from "../core/suggestions.ts";
import { isSettled } from "../core/value.ts";
import { runPlan } from "../engine/plan-run.ts";
import { resolveReferences } from "../engine/references.ts";
import { readFileGuarded } from "../files/guarded-reading.ts";
import { findKind } from "../kind/find-kind.ts";
import { holderKind } from "../kind/holder.ts";
import type { Resource } from "../kind/resource.ts";
import type { Entry } from "../kind/state-entry.ts";
import { kinds } from "../kinds/index.ts";
import { type Explained, explain, say } from "../messages/text.ts";
import type { Step } from "../plan/plan.ts";
import { explainTaken } from "../plan/steps/resource.ts";
import type { State } from "../state/model.ts";
import { openStore } from "../state/store.ts";
import { bindSources } from "./bind-copy-sources.ts";
import { openConnections } from "./connections.ts";
import type { Host } from "./host.ts";
import { type LockOptions, waitFor } from "./lock-waiting.ts";
import { findStatePlace, type ProjectOptions, readValidProject } from "./project.ts";

/** A resource, and the id of the object at Coze that it becomes. */
export interface ImportRequest {
  readonly address: Address;
  readonly id: string;
  /** Where a file says so. */
  readonly at?: Location | undefined;
}

/** What to import, and what is wrong with the file that says so. */
export interface ImportList {
  readonly requests: readonly ImportRequest[];
  readonly problems: readonly Diagnostic[];
  /** The text of the file, by its name in messages. */
  readonly sources: ReadonlyMap<string, string>;
}

/** What became of one request. */
interface ImportedResource {
  readonly address: Address;
  readonly id: string;
  /** The state had it already. */
  readonly isKnown: boolean;
  /** Paths of the fields that differ from the manifest, which the next apply changes. */
  readonly differs: readonly string[];
  readonly notes: readonly string[];
}

/** What an import did. */
export interface Imported {
  readonly resources: readonly ImportedResource[];
  /** The file with the state before. */
  readonly backup?: string | undefined;
  readonly calls: number;
}

/**
 * Takes existing objects over into the state, as the resources whose manifests stand for them. Reads Coze and writes the
 * state alone. Throws {@link InvalidInput}, before anything is written, when one of them can't be taken over: all
 * problems at once, also those of the list.
 */
export async function importObjects(
  host: Host,
  options: ProjectOptions & LockOptions,
  list: ImportList | readonly ImportRequest[],
): Promise<Imported> {
  const { requests, problems, sources } = readList(list);
  const project = await readValidProject(host, options);
  const place = await findStatePlace(project, options);
  const store = await openStore(place, "cozeform import", waitFor(host, options));
  try {
    const { state } = store;
    const unfit = new Map(
      requests.map((request) => [request, checkRequest(request, requests, project.resources, state)]),
    );
    const fit = requests.filter((request) => unfit.get(request)?.length === 0);
    const wanted = fit.filter(({ address }) => state.resources[address] === undefined);
    const connections = await openConnections(host, project, options);
    const { engine } = connections;
    const { steps, refused } =
      wanted.length === 0
        ? { steps: [], refused: [] }
        : await planImports(host, connections, options, { project, state, wanted });
    const all = [...problems, ...[...unfit.values()].flat(), ...refused];
    if (all.length > 0) throw new InvalidInput(all, new Map([...project.sources, ...sources]));
    const entries = steps.map((step): readonly [Address, Entry] => [
      step.address,
      entryOf(step, state.lineage),
    ]);
    const backup = entries.length > 0 ? await store.backUp(host.clock.now()) : undefined;
    if (entries.length > 0) store.put("imported", Object.fromEntries(entries));
    return {
      resources: requests.map(({ address, id }) => {
        const step = steps.find((one) => one.address === address);
        const { fields = {} } = kinds.find(({ name }) => name === step?.kind) ?? {};
        const differs = new Set(
          (step?.changes ?? []).map(({ path }) => formatPath(pathAsWritten(fields, path))),
        );
        return { address, id, isKnown: !step, differs: [...differs], notes: step?.notes ?? [] };
      }),
      backup,
      calls: engine.callCount(),
    };
  } finally {
    await store.close();
  }
}

const readList = (list: ImportList | readonly ImportRequest[]): ImportList =>
  "requests" in list ? list : { requests: list, problems: [], sources: new Map() };

interface ImportContext {
  readonly project: Awaited<ReturnType<typeof readValidProject>>;
  readonly state: State;
  readonly wanted: readonly ImportRequest[];
}

/** The steps that take the objects over, and why some can't be. */
async function planImports(
  host: Host,
  connections: Awaited<ReturnType<typeof openConnections>>,
  options: ProjectOptions,
  { project, state, wanted }: ImportContext,
): Promise<{ readonly steps: readonly Step[]; readonly refused: readonly Diagnostic[] }> {
  const ids = new Map(wanted.map(({ address, id }) => [address, id]));
  const targets = [...ids.keys()];
  const bound = await bindSources(host, connections, { ...options, targets }, project, state);
  const needed = withHolders(bound.desired, targets);
  const desired = bound.desired
    .filter(({ address }) => needed.has(address))
    .map(
      (resource): Resource => ({
        ...resource,
        imports: ids.get(resource.address) ?? resource.imports,
        // What is remembered needn't be looked at to be referred to.
        spec: resolveReferences(findKind({ kinds }, resource.kind).fields, resource.spec, (address) =>
          needed.has(address) ? undefined : state.resources[address]?.id,
        ),
      }),
    );
  const mentioned = JSON.stringify(desired.map(({ spec }) => spec));
  const entries = new Map(
    Object.entries(state.resources).filter(
      ([address]) => needed.has(address) || mentioned.includes(JSON.stringify(address)),
    ),
  );
  const observation = { desired, entries, cache: new Map(), salt: state.lineage, refresh: "auto" } as const;
  const run = await runPlan(connections.engine, observation, { targets, alone: true });
  const refused = run.diagnostics.filter(isError).map((one) => placeAtRequest(one, wanted));
  return { steps: run.plan.steps.filter(({ action }) => action === "adopt"), refused };
}

/** Addresses with those of what holds their objects. */
function withHolders(resources: readonly Resource[], addresses: readonly Address[]): ReadonlySet<Address> {
  const byAddress = new Map(resources.map((resource) => [resource.address, resource]));
  const all = new Set<Address>();
  const add = (address: Address): void => {
    const resource = byAddress.get(address);
    if (!resource || all.has(address)) return;
    all.add(address);
    const holder = holderKind(findKind({ kinds }, resource.kind));
    for (const one of resource.dependencies) if (parseAddress(one)?.kind === holder) add(one);
  };
  for (const address of addresses) add(address);
  return all;
}

/** What the state shall hold of an object that was taken over: only what it has in common with its manifest. */
function entryOf(
  { address, kind: name, place, spec = {}, changes, calls, ...step }: Step,
  lineage: string,
): Entry {
  if (!place) throw new Error(`${address} is taken over from nowhere`);
  const kind = findKind({ kinds }, name);
  const differing = new Set(changes.map(({ path }) => String(path[0])));
  const same = Object.entries(spec).filter(
    ([field, value]) => !differing.has(field) && isSettled({ field: value }),
  );
  const done = kind.followUps?.map((followUp) => followUp.name);
  return {
    kind: name,
    id: place.id,
    ...(place.parent === undefined ? {} : { parent: place.parent }),
    status: calls.some(({ call }) => call === "settle") ? "pending" : "ready",
    spec: rememberSpec(kind.fields, Object.fromEntries(same), lineage),
    ...(done ? { done } : {}),
    dependencies: step.dependencies,
    ...(step.preventDestroy ? { preventDestroy: true } : {}),
  };
}

/** What is wrong with a request, as far as no call is needed. */
function checkRequest(
  { address, id, at }: ImportRequest,
  requests: readonly ImportRequest[],
  resources: readonly Resource[],
  state: State,
): readonly Diagnostic[] {
  const refuse = (problem: Explained): readonly Diagnostic[] => [
    { code: "import", severity: "error", ...problem, address, at },
  ];
  const resource = resources.find((one) => one.address === address);
  if (!resource) {
    const problem = explain("commands/import-unknown", { address });
    const near = suggestAddress(
      address,
      resources.map((one) => one.address),
    );
    return refuse({
      ...problem,
      hint: near === undefined ? problem.hint : say("common/did-you-mean", { word: near }),
    });
  }
  if (!isId(id)) return refuse(explain("commands/import-not-id", { id }));
  const twin = requests.find((one) => one.address === address);
  if (twin && twin.id !== id)
    return refuse(explain("commands/import-twice", { address, id, other: twin.id }));
  const entry = state.resources[address];
  if (entry && entry.id !== id) {
    const values = { address, id: entry.id ?? "–", commandLine: commandLine(["state", "rm", address]) };
    return refuse(explain("commands/import-other", values));
  }
  const unique = findKind({ kinds }, resource.kind).unique === true;
  const owner = Object.entries(state.resources).find(
    ([other, one]) => other !== address && one.kind === resource.kind && one.id === id,
  );
  // A member bears the user's id, in each workspace.
  if (!owner || unique) return [];
  const isWanted = resources.some((one) => one.address === owner[0]);
  return refuse(explainTaken(address, id, owner[0], isWanted));
}

/** A problem of the plan at the line of the file that asks for the import. */
function placeAtRequest(diagnostic: Diagnostic, requests: readonly ImportRequest[]): Diagnostic {
  const at = requests.find(({ address }) => address === diagnostic.address)?.at;
  return at ? { ...diagnostic, at } : diagnostic;
}

const largestFile = 16 * 2 ** 20;

/**
 * Reads a file of imports: an address and an id in each line, with blanks between them; `#` begins a comment. Lines
 * that are otherwise are problems of the list. Throws {@link InvalidInput} when there is no line. `name` is the file's
 * name in messages.
 */
export function readImportFile(location: string, name = location): ImportList {
  const text = readFileGuarded(location, { most: largestFile, links: "follow" })
    .toString()
    .replace(/^\ufeff/u, "");
  const lines = text.split(/\r?\n/u).map((line, index) => ({ line: line.trim(), number: index + 1 }));
  const problems: Diagnostic[] = [];
  const requests = lines.flatMap(({ line, number }): readonly ImportRequest[] => {
    if (line === "" || line.startsWith("#")) return [];
    const at = { file: name, line: number, column: 1 };
    // Keys of `for_each` may contain blanks, ids don't.
    const [, address = "", id = ""] = /^(\S.*?)[\s,]+(\S+)(?:\s+#.*)?$/u.exec(line) ?? [];
    if (parseAddress(address)) return [{ address, id, at }];
    problems.push({ code: "malformed", severity: "error", ...explain("commands/import-line"), at });
    return [];
  });
  if (requests.length + problems.length === 0)
    throw new InvalidInput([
      { code: "empty", severity: "error", ...explain("commands/import-empty", { file: name }) },
    ]);
  return { requests, problems, sources: new Map([[name, text]]) };
}
