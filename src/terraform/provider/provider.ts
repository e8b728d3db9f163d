import type { Values } from "../../core/value.ts";
import { explain } from "../../messages/text.ts";
import { callFunction } from "../functions/functions.ts";
import type { Remote } from "../remote/remote.ts";
import { type Applied, createResource, type SharedContext, updateResource } from "../resource/apply.ts";
import { refuseDoubleRemoval, refuseHeld } from "../resource/existing-messages.ts";
import { createExistingObjects, type ExistingObjects } from "../resource/existing-objects.ts";
import { importResource, moveResource } from "../resource/import.ts";
import { createDoubles, createKnownIds, type Doubles, type KnownIds } from "../resource/known-ids.ts";
import { planResource } from "../resource/plan.ts";
import { type PlanMemory, rememberInFolder, rememberInProcess } from "../resource/plan-memory.ts";
import { readNotes, writeNotes } from "../resource/private-state.ts";
import { placeIn, readResource } from "../resource/read.ts";
import { planRemoval, removeResource } from "../resource/remove.ts";
import { createReplacementHandoff, unfinishedCallsIn } from "../resource/replacement-handoff.ts";
import { isPlannedAsItIs } from "../resource/unchanged-plan.ts";
import type { CozeKind } from "../schema/names.ts";
import { providerSchema, resourceKinds } from "../schema/provider-schema.ts";
import { upgradeState } from "../schema/resource-schema.ts";
import { configureProvider, type ProviderHost, validateSettings } from "./configuration.ts";
import { readDataSource, validateDataSource } from "./data-sources.ts";
import { diagnoseCall, diagnoseImport, diagnoseRead } from "./diagnostics.ts";
import { createFiles, type Files, openConfigured } from "./file-content.ts";
import type {
  Answer,
  ApplyRequest,
  HeldResource,
  PlanAnswer,
  PlanRequest,
  ProviderDiagnostic,
  ProviderInterface,
  StoredResource,
} from "./provider-interface.ts";
import { errorAt } from "./text.ts";
import { validateConfig } from "./validation.ts";

/** The provider of Coze: every kind as a resource, every kind that shows what it is as a data source. */
export function createProvider(host: ProviderHost): ProviderInterface {
  const files = createFiles();
  const knownIds = createKnownIds();
  const memory = host.notes === undefined ? rememberInProcess(host.env) : rememberInFolder(host.notes);
  let context: ProviderContext | undefined;
  return {
    schema: providerSchema,
    validateProvider: async (config) => ({ diagnostics: validateSettings(config, host.env) }),
    async validateResource(type, config) {
      const kind = kindOf(type);
      return { diagnostics: validateConfig(kind, config, await openConfigured(files, kind, config)) };
    },
    validateDataSource: async (type, config) => ({ diagnostics: validateDataSource(type, config) }),
    async configure(config) {
      const { diagnostics, account } = configureProvider(config, host);
      if (account)
        context = {
          ...account,
          files,
          handoff: createReplacementHandoff(),
          now: () => host.clock.now(),
          existing: createExistingObjects({ existing: account.existing, managed: knownIds, memory }),
          doubles: createDoubles(),
          knownIds,
          memory,
        };
      return { diagnostics };
    },
    async upgrade(type, version, stored) {
      const upgraded = upgradeState(type, version, stored);
      if (upgraded)
        return { diagnostics: noteHeld(kindOf(type), context, knownIds, upgraded), stored: upgraded };
      const problem = explain("terraform-provider/later-version", { type, version });
      return { diagnostics: [errorAt(problem)], stored: undefined };
    },
    read: (type, held) => read(kindOf(type), requireConfigured(context), held),
    plan: (type, request) => plan(kindOf(type), context, files, request),
    apply: (type, request) => apply(kindOf(type), requireConfigured(context), request),
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

/** What the calls of a configured provider share. */
interface ProviderContext extends SharedContext {
  readonly files: Files;
  readonly existing: ExistingObjects;
  readonly doubles: Doubles;
  readonly knownIds: KnownIds;
  readonly memory: PlanMemory;
}

function kindOf(type: string): CozeKind {
  const kind = resourceKinds.get(type);
  if (!kind) throw new Error(`there is no resource type ${type}`);
  return kind;
}

/** Terraform configures a provider before it asks for anything at Coze. */
function requireConfigured(context: ProviderContext | undefined): ProviderContext {
  if (!context) throw new Error("the provider isn't configured: give its token, or set COZE_API_TOKEN");
  return context;
}

/** Notes that an object is in the state; if a creation was to adopt it, the run must not go on. */
function noteHeld(
  kind: CozeKind,
  context: ProviderContext | undefined,
  knownIds: KnownIds,
  state: Values,
): readonly ProviderDiagnostic[] {
  const place = placeIn(kind, state);
  knownIds.note(kind, place, unfinishedCallsIn(state).length > 0);
  return place && context?.existing.isAdopted(kind, place) ? [refuseHeld(kind, place)] : [];
}

/** Notes what a resource stands for; an error if another one stands for the same, and one of them is to go. */
function noteHolder(
  kind: CozeKind,
  context: ProviderContext | undefined,
  { state, privateState }: HeldResource,
  isRemoved: boolean,
): readonly ProviderDiagnostic[] {
  const place = placeIn(kind, state);
  const isDouble = place && context?.doubles.note(kind, place, readNotes(privateState), isRemoved);
  return isDouble ? [refuseDoubleRemoval(kind, place)] : [];
}

async function read(
  kind: CozeKind,
  context: ProviderContext,
  held: HeldResource,
): Promise<Answer & StoredResource> {
  const { remote, knownIds, existing } = context;
  knownIds.note(kind, placeIn(kind, held.state));
  existing.noteReading();
  noteHolder(kind, context, held, false);
  try {
    return { diagnostics: [], ...(await readResource(kind, remote, held)) };
  } catch (error) {
    return { diagnostics: [diagnoseRead(kind, String(held.state.id), error)], ...held };
  }
}

async function plan(
  kind: CozeKind,
  context: ProviderContext | undefined,
  files: Files,
  request: PlanRequest,
): Promise<PlanAnswer> {
  const { prior, config, proposed, privateState } = request;
  const settings = { allowOwnershipTransfer: context?.allowOwnershipTransfer ?? true };
  if (!proposed || !config) {
    const held = prior && { state: prior, privateState };
    const diagnostics = held
      ? [...planRemoval(kind, held, settings), ...noteHolder(kind, context, held, true)]
      : [];
    const told = writeNotes({ ...readNotes(privateState), told: true });
    return { planned: null, requiresReplace: [], privateState: told, diagnostics };
  }
  if (prior && isPlannedAsItIs(kind, { prior, config, privateState })) {
    const diagnostics = noteHolder(kind, context, { state: prior, privateState }, false);
    return { planned: prior, requiresReplace: [], privateState, diagnostics };
  }
  const local = await openConfigured(files, kind, config);
  const { planned, requiresReplace, set, diagnostics } = planResource(kind, { ...request, config }, local);
  const known = readNotes(privateState);
  const notes = { ...known, set };
  if (prior) {
    const isReplaced = requiresReplace.length > 0;
    const held = { state: prior, privateState };
    const lost = isReplaced ? planRemoval(kind, held, settings, requiresReplace) : [];
    return {
      planned,
      requiresReplace,
      privateState: writeNotes({ ...notes, wasSet: known.set, told: isReplaced || undefined }),
      diagnostics: [...diagnostics, ...lost, ...noteHolder(kind, context, held, isReplaced)],
    };
  }
  const { diagnostics: found = [], ...there } = context
    ? await context.existing.find(kind, context.remote, planned)
    : {};
  return {
    planned,
    requiresReplace,
    privateState: writeNotes({
      ...notes,
      ...there,
      anew: Object.keys(privateState).length === 0 ? true : undefined,
    }),
    diagnostics: [...diagnostics, ...found],
  };
}

async function apply(
  kind: CozeKind,
  context: ProviderContext,
  request: ApplyRequest,
): Promise<Answer & StoredResource> {
  const { prior, planned, config, privateState } = request;
  context.memory.noteApplying();
  if (!planned || !config) {
    if (!prior) return { state: null, privateState: {}, diagnostics: [] };
    const removed = await removeResource(kind, context, { prior, privateState });
    const place = placeIn(kind, prior);
    if (place && removed.state === null) context.memory.drop(kind, place);
    return tell(kind, context.remote, prior, removed);
  }
  // Only now are values known that came from other resources.
  const files = await openConfigured(context.files, kind, config);
  const problems = validateConfig(kind, config, files).filter(({ severity }) => severity === "error");
  if (problems.length > 0) return { state: prior, privateState, diagnostics: problems };
  const applied =
    prior && placeIn(kind, prior)
      ? await updateResource(kind, { ...context, files }, { prior, planned, config, privateState })
      : await createResource(kind, { ...context, files }, { prior, planned, config, privateState });
  if (applied.state) context.knownIds.note(kind, placeIn(kind, applied.state));
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
