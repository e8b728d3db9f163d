import type { MessageInitShape } from "@bufbuild/protobuf";
import { isObject } from "../../../core/value.ts";
import { explain } from "../../../messages/text.ts";
import type {
  ProviderDiagnostic,
  ProviderInterface,
  ResourceState,
  StoredResource,
} from "../../provider/provider-interface.ts";
import { errorAt } from "../../provider/text.ts";
import { UnfitValue } from "../../values/codec.ts";
import type {
  ApplyResourceChange_Request,
  AttributePathSchema,
  ImportResourceState_Request,
  MoveResourceState_Request,
  PlanResourceChange_Request,
  RawState,
  ReadResource_Request,
  UpgradeResourceState_Request,
  ValidateResourceConfig_Request,
} from "../rpc/gen/tfplugin6_pb.js";
import {
  type ObjectForm,
  readPrivateState,
  textOf,
  type WireValue,
  writePrivateState,
} from "./object-form.ts";
import { describeBug, onlyDiagnostics, respond, selectorsOf } from "./responses.ts";

/** The calls that validate, read, plan and apply resources: messages to values, to the provider, and back. */
export const resourceCalls = (provider: ProviderInterface, forms: ReadonlyMap<string, ObjectForm>) => ({
  validateResourceConfig: ({ typeName, config }: ValidateResourceConfig_Request) =>
    respond({
      name: `ValidateResourceConfig(${typeName})`,
      form: forms.get(typeName),
      otherwise: {},
      run: (form) => onlyDiagnostics(provider.validateResource(typeName, form.read(config) ?? {})),
    }),

  readResource: ({ typeName, currentState, private: kept }: ReadResource_Request) =>
    respond<{ newState?: WireValue | undefined; private: Uint8Array }>({
      name: `ReadResource(${typeName})`,
      form: forms.get(typeName),
      otherwise: { newState: currentState, private: kept },
      async run(form) {
        const state = form.read(currentState) ?? {};
        const held = await provider.read(typeName, { state, privateState: readPrivateState(kept) });
        const body = { newState: form.write(held.state), private: writePrivateState(held.privateState) };
        return { diagnostics: held.diagnostics, body };
      },
    }),

  planResourceChange: (request: PlanResourceChange_Request) => planChange(provider, forms, request),
  applyResourceChange: (request: ApplyResourceChange_Request) => applyChange(provider, forms, request),
});

interface Planned {
  readonly plannedState?: WireValue | undefined;
  readonly requiresReplace: MessageInitShape<typeof AttributePathSchema>[];
  readonly plannedPrivate: Uint8Array;
}

const planChange = (
  provider: ProviderInterface,
  forms: ReadonlyMap<string, ObjectForm>,
  request: PlanResourceChange_Request,
) =>
  respond<Planned>({
    name: `PlanResourceChange(${request.typeName})`,
    form: forms.get(request.typeName),
    otherwise: {
      plannedState: request.priorState,
      requiresReplace: [],
      plannedPrivate: request.priorPrivate,
    },
    async run(form) {
      const planned = await provider.plan(request.typeName, {
        prior: form.read(request.priorState),
        proposed: form.read(request.proposedNewState),
        config: form.read(request.config),
        privateState: readPrivateState(request.priorPrivate),
      });
      const requiresReplace = planned.requiresReplace.map((path) => ({
        steps: selectorsOf(path, form.type).map((selector) => ({ selector })),
      }));
      const body = {
        plannedState: form.write(planned.planned),
        requiresReplace,
        plannedPrivate: writePrivateState(planned.privateState),
      };
      return { diagnostics: planned.diagnostics, body };
    },
  });

const applyChange = (
  provider: ProviderInterface,
  forms: ReadonlyMap<string, ObjectForm>,
  request: ApplyResourceChange_Request,
) =>
  respond<{ newState?: WireValue | undefined; private: Uint8Array }>({
    name: `ApplyResourceChange(${request.typeName})`,
    form: forms.get(request.typeName),
    otherwise: { newState: request.priorState, private: request.plannedPrivate },
    async run(form) {
      const held = await provider.apply(request.typeName, {
        prior: form.read(request.priorState),
        planned: form.read(request.plannedState),
        config: form.read(request.config),
        privateState: readPrivateState(request.plannedPrivate),
      });
      const { newState, diagnostics } = keep(request.typeName, form, held);
      return {
        diagnostics: [...held.diagnostics, ...diagnostics],
        body: { newState, private: writePrivateState(held.privateState) },
      };
    },
  });

/** The object exists by now: Terraform has to record it, even with an incomplete state. */
function keep(
  typeName: string,
  form: ObjectForm,
  { state }: StoredResource,
): { readonly newState: WireValue; readonly diagnostics: readonly ProviderDiagnostic[] } {
  try {
    return { newState: form.write(state), diagnostics: [] };
  } catch (error) {
    if (!(error instanceof UnfitValue) || !state) throw error;
    const diagnostic = describeBug(`ApplyResourceChange(${typeName})`, error);
    return { newState: form.writeAnyhow(state), diagnostics: [diagnostic] };
  }
}

/** The calls that bring states from elsewhere: from a stored file, from Coze, from another type of resource. */
export const stateCalls = (provider: ProviderInterface, forms: ReadonlyMap<string, ObjectForm>) => ({
  upgradeResourceState: ({ typeName, version, rawState }: UpgradeResourceState_Request) =>
    respond<{ upgradedState?: WireValue }>({
      name: `UpgradeResourceState(${typeName})`,
      form: forms.get(typeName),
      otherwise: {},
      async run() {
        const given = readRawState(rawState);
        if (!given) return { diagnostics: [describeFlatmapState(typeName)], body: {} };
        const { diagnostics, stored } = await provider.upgrade(typeName, Number(version), given);
        if (!stored) return { diagnostics, body: {} };
        // Terraform reads numbers of its own JSON with more digits than we do.
        const json = stored === given ? rawState?.json : new TextEncoder().encode(JSON.stringify(stored));
        return { diagnostics, body: { upgradedState: { msgpack: nothing, json: json ?? nothing } } };
      },
    }),

  importResourceState: ({ typeName, id }: ImportResourceState_Request) =>
    respond({
      name: `ImportResourceState(${typeName})`,
      form: forms.get(typeName),
      otherwise: { importedResources: [] },
      async run(ownForm) {
        const { diagnostics, imported } = await provider.import(typeName, id);
        const importedResources = imported.map(({ type, state, privateState }) => ({
          typeName: type,
          state: (forms.get(type) ?? ownForm).write(state),
          private: writePrivateState(privateState),
        }));
        return { diagnostics, body: { importedResources } };
      },
    }),

  moveResourceState: (request: MoveResourceState_Request) =>
    respond<{ targetState?: WireValue; targetPrivate?: Uint8Array }>({
      name: `MoveResourceState(${request.targetTypeName})`,
      form: forms.get(request.targetTypeName),
      otherwise: {},
      async run(form) {
        const state = readRawState(request.sourceState);
        if (!state) return { diagnostics: [describeFlatmapState(request.sourceTypeName)], body: {} };
        const moved = await provider.move(request.targetTypeName, {
          provider: request.sourceProviderAddress,
          type: request.sourceTypeName,
          state,
          privateState: readPrivateState(request.sourcePrivate),
        });
        const body = moved.state
          ? { targetState: form.write(moved.state), targetPrivate: writePrivateState(moved.privateState) }
          : {};
        return { diagnostics: moved.diagnostics, body };
      },
    }),
});

const nothing = new Uint8Array();

/** Undefined: it is none that can be read. */
function readRawState(raw: RawState | undefined): ResourceState | undefined {
  if (!raw || raw.json.length === 0) return undefined;
  const state: unknown = JSON.parse(textOf(raw.json));
  return isObject(state) ? state : undefined;
}

const describeFlatmapState = (type: string): ProviderDiagnostic =>
  errorAt(explain("terraform-functions/flatmap-state", { type }));
