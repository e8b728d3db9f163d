import type { Values } from "../../core/value.ts";
import { explain } from "../../messages/text.ts";
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
import { readNotes, writeNotes } from "../resource/private-state.ts";
import { placeIn, readResource } from "../resource/read.ts";
import { planRemoval, removeResource } from "../resource/remove.ts";
import { createReplacementHandoff } from "../resource/replacement-handoff.ts";
import type { CozeKind } from "../schema/names.ts";
import { providerSchema, resourceKinds } from "../schema/provider-schema.ts";
import { upgradeState } from "../schema/resource-schema.ts";
import { configureProvider, type ProviderHost, validateSettings } from "./configuration.ts";
import { readDataSource, validateDataSource } from "./data-sources.ts";
import { diagnoseCall, diagnoseImport, diagnoseRead } from "./diagnostics.ts";
import { createFiles } from "./file-content.ts";
import type {
  Answer,
  ApplyRequest,
  HeldResource,
  PlanAnswer,
  PlanRequest,
  ProviderInterface,
  StoredResource,
} from "./provider-interface.ts";
import { errorAt } from "./text.ts";
import { validateConfig } from "./validation.ts";

/** The provider of Coze: every kind as a resource, every kind that shows what it is as a data source. */
export function createProvider(host: ProviderHost): ProviderInterface {
  const files = createFiles();
  const knownIds = createKnownIds();
  const existing = createExistingObjects(knownIds);
  let context: ApplyContext | undefined;
  return {
    schema: providerSchema,
    validateProvider: async (config) => ({ diagnostics: validateSettings(config, host.env) }),
    validateResource: async (type, config) => ({ diagnostics: validateConfig(kindOf(type), config, files) }),
    validateDataSource: async (type, config) => ({ diagnostics: validateDataSource(type, config) }),
    async configure(config) {
      const { diagnostics, account } = configureProvider(config, host);
      if (account)
        context = { ...account, files, handoff: createReplacementHandoff(), now: () => host.clock.now() };
      return { diagnostics };
    },
    async upgrade(type, version, stored) {
      const upgraded = upgradeState(type, version, stored);
      if (upgraded) knownIds.note(kindOf(type), upgraded.id);
      if (upgraded) return { diagnostics: [], stored: upgraded };
      const problem = explain("terraform-provider/later-version", { type, version });
      return { diagnostics: [errorAt(problem)], stored: undefined };
    },
    read: (type, held) => read(kindOf(type), requireConfigured(context), knownIds, held),
    plan: (type, request) => plan(kindOf(type), context, { files, existing }, request),
    apply: (type, request) => apply(kindOf(type), requireConfigured(context), knownIds, request),
    async import(type, id) {
      const kind = kindOf(type);
      const { remote } = requireConfigured(context);
      try {
        return { diagnostics: [], imported: [await importResource(kind, remote, id)] };
      } catch (error) {
        return { diagnostics: [diagnoseImport(kind, id, error)], imported: [] };
      }
    },
    async move(type, { type: from, state, privateState }) {
      const held = { type: from, state, privateState };
      const moved = moveResource([...resourceKinds.values()], kindOf(type), held);
      if (moved) return { diagnostics: [], ...moved };
      const problem = explain("terraform-provider/cannot-move", { from, to: type });
      return { diagnostics: [errorAt(problem)], state: null, privateState: {} };
    },
    readDataSource: (type, config) => readDataSource(type, config, requireConfigured(context).remote),
    call: callFunction,
    stop: () => context?.remote.stop(),
  };
}

function kindOf(type: string): CozeKind {
  const kind = resourceKinds.get(type);
  if (!kind) throw new Error(`there is no resource type ${type}`);
  return kind;
}

/** Terraform configures a provider before it asks for anything at Coze. */
function requireConfigured(context: ApplyContext | undefined): ApplyContext {
  if (!context) throw new Error("the provider isn't configured: give its token, or set COZE_API_TOKEN");
  return context;
}

async function read(
  kind: CozeKind,
  { remote }: ApplyContext,
  knownIds: KnownIds,
  held: HeldResource,
): Promise<Answer & StoredResource> {
  knownIds.note(kind, held.state.id);
  try {
    return { diagnostics: [], ...(await readResource(kind, remote, held)) };
  } catch (error) {
    return { diagnostics: [diagnoseRead(kind, String(held.state.id), error)], ...held };
  }
}

async function plan(
  kind: CozeKind,
  context: ApplyContext | undefined,
  { files, existing }: { readonly files: ApplyContext["files"]; readonly existing: ExistingObjects },
  request: PlanRequest,
): Promise<PlanAnswer> {
  const { prior, config, proposed, privateState } = request;
  const settings = { allowOwnershipTransfer: context?.allowOwnershipTransfer ?? true };
  if (!proposed || !config) {
    const diagnostics = prior ? planRemoval(kind, prior, settings) : [];
    return { planned: null, requiresReplace: [], privateState, diagnostics };
  }
  const { planned, requiresReplace, set, diagnostics } = planResource(kind, { ...request, config }, files);
  const known = readNotes(privateState);
  const notes = { ...known, set };
  if (prior) {
    const lost = requiresReplace.length > 0 ? planRemoval(kind, prior, settings, requiresReplace) : [];
    return {
      planned,
      requiresReplace,
      privateState: writeNotes({ ...notes, wasSet: known.set }),
      diagnostics: [...diagnostics, ...lost],
    };
  }
  const { before, diagnostics: found = [] } = context
    ? await existing.find(kind, context.remote, planned)
    : {};
  return {
    planned,
    requiresReplace,
    privateState: writeNotes({
      ...notes,
      before,
      anew: Object.keys(privateState).length === 0 ? true : undefined,
    }),
    diagnostics: [...diagnostics, ...found],
  };
}

async function apply(
  kind: CozeKind,
  context: ApplyContext,
  knownIds: KnownIds,
  request: ApplyRequest,
): Promise<Answer & StoredResource> {
  const { prior, planned, config, privateState } = request;
  if (!planned || !config) {
    return prior
      ? tell(kind, context.remote, prior, await removeResource(kind, context, { prior, privateState }))
      : { state: null, privateState: {}, diagnostics: [] };
  }
  // Only now are values known that came from other resources.
  const problems = validateConfig(kind, config, context.files).filter(({ severity }) => severity === "error");
  if (problems.length > 0) return { state: prior, privateState, diagnostics: problems };
  const applied =
    prior && placeIn(kind, prior)
      ? await updateResource(kind, context, { prior, planned, config, privateState })
      : await createResource(kind, context, { prior, planned, config, privateState });
  if (applied.state) knownIds.note(kind, applied.state.id);
  return tell(kind, context.remote, planned, applied);
}

/** What became of an apply, with a failed call in words. */
function tell(
  kind: CozeKind,
  remote: Remote,
  planned: Values,
  { state, privateState, diagnostics, failure }: Applied,
): Answer & StoredResource {
  const place = state ? placeIn(kind, state) : undefined;
  const told = failure ? [diagnoseCall(kind, remote, { ...failure, planned, id: place?.id })] : [];
  return { state, privateState, diagnostics: [...diagnostics, ...told] };
}
