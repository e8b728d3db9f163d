import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatAddress } from "../../src/core/address.ts";
import type { Failure } from "../../src/core/failure.ts";
import { mapLeaves } from "../../src/core/spec-walk.ts";
import { isReference, type Values } from "../../src/core/value.ts";
import { applyPlan } from "../../src/engine/apply.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { observe } from "../../src/engine/observe.ts";
import type { Provider } from "../../src/kind/kind.ts";
import type { Resource } from "../../src/kind/resource.ts";
import type { Plan, PlanOptions } from "../../src/plan/plan.ts";
import { planChanges } from "../../src/plan/plan-changes.ts";
import { openStore, readState } from "../../src/state/store.ts";
import { savedState } from "./saved-state.ts";
import { createToyApi, type ToyApi, toyKinds } from "./toy-kind.ts";

/** A failure as the toy's provider tells it. */
export class ToyError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

const provider: Provider<ToyApi> = {
  kinds: toyKinds,
  upload: async () => "file",
  uploadOperation: "upload",
  explain: (error) =>
    error instanceof ToyError
      ? error.failure
      : { type: "rejected", message: String((error as Error).message) },
  serverTime: () => 0,
};

/** A wanted resource; names in `ref` fields become dependencies. */
export function want(kind: string, name: string, spec: Values, more: Partial<Resource> = {}): Resource {
  const fields = toyKinds.find((one) => one.name === kind)?.fields ?? {};
  const dependencies = new Set<string>();
  mapLeaves(fields, spec, ({ value }) => {
    if (isReference(value)) dependencies.add(value.$ref);
    return value;
  });
  const at = { file: "toy.yaml", line: 1, column: 1 };
  return {
    address: formatAddress(kind, name),
    kind,
    spec,
    dependencies: [...dependencies].sort(),
    lifecycle: { preventDestroy: false, ignoreChanges: [] },
    at,
    locate: () => at,
    ...more,
  };
}

/** A project directory with a toy world behind it. */
export function createToyProject(api: ToyApi = createToyApi()) {
  const directory = mkdtempSync(join(tmpdir(), "cozeform-toy-"));
  const place = { directory, environment: "dev", endpoint: "toy" };
  const engine: Engine<ToyApi> = {
    provider,
    apiOf: () => api,
    signIn: () => ({ source: "the toy" }),
    uploadKey: (_kind, sha256) => sha256,
    callCount: () => api.calls.length,
    callsLeft: () => Number.POSITIVE_INFINITY,
    callRate: () => Number.POSITIVE_INFINITY,
    clock: { now: () => 0, sleep: async () => {} },
    parallelism: 4,
    directory,
    onEvent: () => {},
  };
  const plan = async (desired: readonly Resource[], options: PlanOptions = {}): Promise<Plan> => {
    const state = await readState(place);
    const entries = new Map(Object.entries(state.resources));
    const salt = state.lineage;
    const seen = await observe(engine, { desired, entries, cache: new Map(), salt, refresh: "auto" });
    return planChanges({
      kinds: toyKinds,
      desired: seen.desired,
      entries,
      observed: seen.observed,
      salt,
      options,
    });
  };
  const apply = async (desired: readonly Resource[], options: PlanOptions = {}) => {
    const planned = await plan(desired, options);
    const store = await openStore(place, "test");
    try {
      return await applyPlan(engine, store, planned, { timeout: 1000 });
    } finally {
      await store.close();
    }
  };
  return { api, engine, directory, place, plan, apply, state: () => savedState(place).resources };
}

/** What a plan does, one line per step that does anything. */
export const summarize = (plan: Plan): readonly string[] =>
  plan.steps.filter(({ action }) => action !== "no-op").map(({ action, address }) => `${action} ${address}`);
