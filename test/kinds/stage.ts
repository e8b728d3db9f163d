import { createHash } from "node:crypto";
import type { FileHandle } from "../../src/core/field.ts";
import type { Values } from "../../src/core/value.ts";
import { type CozeClient, createCozeClient } from "../../src/coze/client.ts";
import type { Emulator, EmulatorOptions } from "../../src/emulator/index.ts";
import type { Item, Kind, Place } from "../../src/kind/kind.ts";
import type { Change } from "../../src/kind/schema.ts";
import { kinds } from "../../src/kinds/index.ts";
import { createStrictEmulator } from "../support/emulator.ts";

/** An emulator with a team workspace and a clock moved by hand, and a client of it. */
export interface Stage {
  readonly emulator: Emulator;
  readonly api: CozeClient;
  readonly space: string;
  readonly clock: { ms: number };
  /** The operations asked for since the last time, writes only. */
  writes(): readonly (string | undefined)[];
  /** The body of the last request. */
  lastBody(): unknown;
}

export function setStage(options: EmulatorOptions = {}): Stage {
  const clock = { ms: Date.UTC(2026, 0, 1) };
  const emulator = createStrictEmulator({ now: () => clock.ms, ...options });
  const api = createCozeClient({
    baseUrl: "http://localhost",
    token: emulator.token,
    fetch: emulator.fetch,
    requestsPerSecond: Number.POSITIVE_INFINITY,
  });
  let told = 0;
  return {
    emulator,
    api,
    clock,
    space: emulator.world.addWorkspace({ name: "team" }).id,
    writes() {
      const fresh = emulator.requests.slice(told);
      told = emulator.requests.length;
      return fresh.filter(({ writes }) => writes).map(({ operation }) => operation);
    },
    lastBody: () => emulator.requests.at(-1)?.body,
  };
}

/** A kind by name, as the engine sees it. */
export function kindOf(name: string): Kind<CozeClient> {
  const kind = kinds.find((one) => one.name === name);
  if (!kind) throw new Error(`no kind ${name}`);
  return kind;
}

/** Everything a kind lists below a parent. */
export async function listAll(
  { api }: Stage,
  name: string,
  parent: string | undefined,
  specs: readonly object[] = [],
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const page of kindOf(name).list(api, parent, { specs: specs as readonly Values[] }))
    items.push(...page);
  return items;
}

/** An object as list and reading together show it. */
export async function look(
  stage: Stage,
  name: string,
  at: Place,
  specs: readonly object[] = [],
): Promise<Item> {
  const item = (await listAll(stage, name, at.parent, specs)).find(({ id }) => id === at.id);
  if (!item) throw new Error(`${name} ${at.id} isn't listed`);
  const read = await kindOf(name).read?.(stage.api, at);
  return { ...item, live: { ...item.live, ...read?.live } };
}

export async function create({ api }: Stage, name: string, spec: object): Promise<string> {
  const made = await kindOf(name).create?.(api, spec as Values);
  if (!made || "task" in made) throw new Error(`${name} can't be created at once`);
  return made.id;
}

export async function update(
  { api }: Stage,
  name: string,
  at: Place,
  spec: object,
  ...changed: string[]
): Promise<void> {
  await kindOf(name).update?.(api, at, { spec: spec as Values, live: undefined, changed: new Set(changed) });
}

/** Makes the follow-up calls that a change asks for and returns their effects. */
export async function followUp(
  { api }: Stage,
  name: string,
  at: Place,
  change: { readonly spec: object; readonly live?: object; readonly changed?: readonly string[] },
  done = false,
): Promise<readonly string[]> {
  const full = { live: undefined, ...change, changed: new Set(change.changed ?? []) } as unknown as Change;
  const effects: string[] = [];
  for (const one of kindOf(name).followUps ?? []) {
    for (const call of one.calls(full, done)) {
      effects.push(call.effect);
      await one.run(api, at, full.spec, call);
    }
  }
  return effects;
}

/** A local file whose upload goes to the emulator. */
export function fileOf({ api }: Stage, path: string, text: string): FileHandle {
  const content = new TextEncoder().encode(text);
  const name = path.split("/").at(-1) ?? path;
  return {
    $file: path,
    sha256: createHash("sha256").update(content).digest("hex"),
    size: content.length,
    name,
    read: async () => content,
    upload: () => api.files.upload(name, content),
  };
}
