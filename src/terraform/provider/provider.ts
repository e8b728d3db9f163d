import type { Values } from "../../core/value.ts";
import { callFunction } from "../functions/functions.ts";
import type { Remote } from "../remote/remote.ts";
import { type Applied, type ApplyContext, createResource, updateResource } from "../resource/apply.ts";
import {
  createExistingObjects,
  createKnownIds,
  type ExistingObjects,
  type KnownIds,
} from "../resource/existing-objects.ts";
import { importResource, moveResource } from "../resource/import.ts";
import { planResource } from "../resource/plan.ts";
import { keepNotes, readNotes } from "../resource/private-state.ts";
import { placeIn, readResource } from "../resource/read.ts";
import { planRemoval, removeResource } from "../resource/remove.ts";
import { createReplacementHandoff } from "../resource/replacement-handoff.ts";
import type { CozeKind } from "../schema/names.ts";
import { providerSchema, resourceKinds } from "../schema/provider-schema.ts";
import { upgradeState } from "../schema/resource-schema.ts";
import { configureProvider, type ProviderHost, validateSettings } from "./configuration.ts";
import { readDataSource, validateDataSource } from "./data-sources.ts";
import { diagnoseCall, diagnoseRead, diagnoseSearch } from "./diagnostics.ts";
import { createFiles } from "./file-content.ts";
import type {
  Answer,
  ApplyRequest,
  Held,
  PlanAnswer,
  PlanRequest,
  ProviderDiagnostic,
  ProviderInterface,
  ResourceState,
} from "./provider-interface.ts";
import { validateConfig } from "./validation.ts";

/** The provider of Coze: every kind as a resource, every kind that shows what it is as a data source. */
export function createProvider(outside: ProviderHost): ProviderInterface {
  const files = createFiles();
  const managed = createKnownIds();
  const namesakes = createExistingObjects(managed);
  let shop: ApplyContext | undefined;
  return {
    schema: providerSchema,
    validateProvider: async (config) => ({ complaints: validateSettings(config, outside.env) }),
    validateResource: async (type, config) => ({ complaints: validateConfig(kindOf(type), config, files) }),
    validateDataSource: async (type, config) => ({ complaints: validateDataSource(type, config) }),
    async configure(config) {
      const { complaints, account } = configureProvider(config, outside);
      if (account)
        shop = { ...account, files, park: createReplacementHandoff(), now: () => outside.clock.now() };
      return { complaints };
    },
    async upgrade(type, version, stored) {
      const upgraded = upgradeState(type, version, stored);
      if (upgraded) managed.note(kindOf(type), upgraded.id);
      return upgraded
        ? { complaints: [], stored: upgraded }
        : { complaints: [tooNew(type, version)], stored: undefined };
    },
    read: (type, held) => read(kindOf(type), requireShop(shop), managed, held),
    plan: (type, request) => plan(kindOf(type), shop, { files, namesakes }, request),
    apply: (type, request) => apply(kindOf(type), requireShop(shop), managed, request),
    async import(type, id) {
      const kind = kindOf(type);
      const { remote } = requireShop(shop);
      try {
        return { complaints: [], imported: [await importResource(kind, remote, id)] };
      } catch (error) {
        return { complaints: [diagnoseSearch(kind, "import", error, id)], imported: [] };
      }
    },
    async move(type, { type: from, state, memory }) {
      const moved = moveResource([...resourceKinds.values()], kindOf(type), { type: from, state, memory });
      return moved
        ? { complaints: [], ...moved }
        : { complaints: [cannotMove(from, type)], state: null, memory: {} };
    },
    readDataSource: (type, config) => readDataSource(type, config, requireShop(shop).remote),
    call: callFunction,
    stop: () => shop?.remote.stop(),
  };
}

function kindOf(type: string): CozeKind {
  const kind = resourceKinds.get(type);
  if (!kind) throw new Error(`there is no resource type ${type}`);
  return kind;
}

/** Terraform configures a provider before it asks for anything at Coze. */
function requireShop(shop: ApplyContext | undefined): ApplyContext {
  if (!shop) throw new Error("the provider isn't configured: give its token, or set COZE_API_TOKEN");
  return shop;
}

const tooNew = (type: string, version: number): ProviderDiagnostic => ({
  severity: "error",
  summary: `the state of ${type} is of a later provider`,
  detail: `It has version ${version}, which this provider doesn't know: raise the version in required_providers and run terraform init -upgrade.`,
});

const cannotMove = (from: string, to: string): ProviderDiagnostic => ({
  severity: "error",
  summary: `${from} can't become ${to}`,
  detail: `Take the moved block out, let go of ${from} with a removed block, and import the object into ${to}.`,
});

async function read(
  kind: CozeKind,
  { remote }: ApplyContext,
  managed: KnownIds,
  held: { readonly state: ResourceState; readonly memory: Held["memory"] },
): Promise<Answer & Held> {
  managed.note(kind, held.state.id);
  try {
    return { complaints: [], ...(await readResource(kind, remote, held)) };
  } catch (error) {
    return { complaints: [diagnoseRead(kind, `read ${String(held.state.id)}`, error)], ...held };
  }
}

async function plan(
  kind: CozeKind,
  shop: ApplyContext | undefined,
  { files, namesakes }: { readonly files: ApplyContext["files"]; readonly namesakes: ExistingObjects },
  request: PlanRequest,
): Promise<PlanAnswer> {
  const { prior, config, proposed, memory } = request;
  const settings = { allowOwnershipTransfer: shop?.allowOwnershipTransfer ?? true };
  if (!proposed || !config) {
    const complaints = prior ? planRemoval(kind, prior, settings) : [];
    return { planned: null, requiresReplace: [], memory, complaints };
  }
  const { planned, requiresReplace, set, complaints } = planResource(kind, { ...request, config }, files);
  const known = readNotes(memory);
  const notes = { ...known, set };
  if (prior) {
    const lost = requiresReplace.length > 0 ? planRemoval(kind, prior, settings, requiresReplace) : [];
    return {
      planned,
      requiresReplace,
      memory: keepNotes({ ...notes, wasSet: known.set }),
      complaints: [...complaints, ...lost],
    };
  }
  const { before, complaints: found = [] } = shop ? await namesakes.find(kind, shop.remote, planned) : {};
  return {
    planned,
    requiresReplace,
    memory: keepNotes({
      ...notes,
      ...(before === undefined ? {} : { before }),
      ...(Object.keys(memory).length === 0 ? { anew: true } : {}),
    }),
    complaints: [...complaints, ...found],
  };
}

async function apply(
  kind: CozeKind,
  shop: ApplyContext,
  managed: KnownIds,
  request: ApplyRequest,
): Promise<Answer & Held> {
  const { prior, planned, config, memory } = request;
  if (!planned || !config) {
    return prior
      ? tell(kind, shop.remote, prior, await removeResource(kind, shop, { prior, memory }))
      : { state: null, memory: {}, complaints: [] };
  }
  // Only now are values known that came from other resources.
  const problems = validateConfig(kind, config, shop.files).filter(({ severity }) => severity === "error");
  if (problems.length > 0) return { state: prior, memory, complaints: problems };
  const applied =
    prior && placeIn(kind, prior)
      ? await updateResource(kind, shop, { prior, planned, config, memory })
      : await createResource(kind, shop, { prior, planned, config, memory });
  if (applied.state) managed.note(kind, applied.state.id);
  return tell(kind, shop.remote, planned, applied);
}

/** What became of an apply, with a failed call in words. */
function tell(
  kind: CozeKind,
  remote: Remote,
  planned: Values,
  { state, memory, complaints, failure }: Applied,
): Answer & Held {
  const place = state ? placeIn(kind, state) : undefined;
  const told = failure ? [diagnoseCall(kind, remote, { ...failure, planned, id: place?.id })] : [];
  return { state, memory, complaints: [...complaints, ...told] };
}
