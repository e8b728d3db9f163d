import type { MessageInitShape } from "@bufbuild/protobuf";
import { isObject } from "../../../core/value.ts";
import type {
  Held,
  ProviderDiagnostic,
  ProviderInterface,
  ResourceState,
} from "../../provider/provider-interface.ts";
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
import { type ObjectForm, readMemory, type WireValue, writeMemory } from "./object-form.ts";
import { complainOfBug, respond, selectorsOf } from "./responses.ts";

/** The calls of a resource's life: from messages to values, to the door, and back. */
export const resourceCalls = (door: ProviderInterface, forms: ReadonlyMap<string, ObjectForm>) => ({
  validateResourceConfig: ({ typeName, config }: ValidateResourceConfig_Request) =>
    respond({
      what: `validate ${typeName}`,
      form: forms.get(typeName),
      otherwise: {},
      async run(form) {
        const { complaints } = await door.validateResource(typeName, form.read(config) ?? {});
        return { complaints, body: {} };
      },
    }),

  readResource: ({ typeName, currentState, private: kept }: ReadResource_Request) =>
    respond<{ newState?: WireValue; private: Uint8Array }>({
      what: `read ${typeName}`,
      form: forms.get(typeName),
      otherwise: { newState: currentState, private: kept },
      async run(form) {
        const state = form.read(currentState) ?? {};
        const held = await door.read(typeName, { state, memory: readMemory(kept) });
        const body = { newState: form.write(held.state), private: writeMemory(held.memory) };
        return { complaints: held.complaints, body };
      },
    }),

  planResourceChange: (request: PlanResourceChange_Request) => planChange(door, forms, request),
  applyResourceChange: (request: ApplyResourceChange_Request) => applyChange(door, forms, request),
});

interface Planned {
  readonly plannedState?: WireValue;
  readonly requiresReplace: MessageInitShape<typeof AttributePathSchema>[];
  readonly plannedPrivate: Uint8Array;
}

const planChange = (
  door: ProviderInterface,
  forms: ReadonlyMap<string, ObjectForm>,
  request: PlanResourceChange_Request,
) =>
  respond<Planned>({
    what: `plan ${request.typeName}`,
    form: forms.get(request.typeName),
    otherwise: {
      plannedState: request.priorState,
      requiresReplace: [],
      plannedPrivate: request.priorPrivate,
    },
    async run(form) {
      const planned = await door.plan(request.typeName, {
        prior: form.read(request.priorState),
        proposed: form.read(request.proposedNewState),
        config: form.read(request.config),
        memory: readMemory(request.priorPrivate),
      });
      const requiresReplace = planned.requiresReplace.map((path) => ({
        steps: selectorsOf(path, form.type).map((selector) => ({ selector })),
      }));
      const body = {
        plannedState: form.write(planned.planned),
        requiresReplace,
        plannedPrivate: writeMemory(planned.memory),
      };
      return { complaints: planned.complaints, body };
    },
  });

const applyChange = (
  door: ProviderInterface,
  forms: ReadonlyMap<string, ObjectForm>,
  request: ApplyResourceChange_Request,
) =>
  respond<{ newState?: WireValue; private: Uint8Array }>({
    what: `apply the change of ${request.typeName}`,
    form: forms.get(request.typeName),
    otherwise: { newState: request.priorState, private: request.plannedPrivate },
    async run(form) {
      const held = await door.apply(request.typeName, {
        prior: form.read(request.priorState),
        planned: form.read(request.plannedState),
        config: form.read(request.config),
        memory: readMemory(request.plannedPrivate),
      });
      const { newState, complaints } = keep(request.typeName, form, held);
      return {
        complaints: [...held.complaints, ...complaints],
        body: { newState, private: writeMemory(held.memory) },
      };
    },
  });

/** The object exists by now: Terraform is told of it, even where that has to be done with half of the truth. */
function keep(
  typeName: string,
  form: ObjectForm,
  { state }: Held,
): { readonly newState: WireValue; readonly complaints: readonly ProviderDiagnostic[] } {
  try {
    return { newState: form.write(state), complaints: [] };
  } catch (error) {
    if (!(error instanceof UnfitValue) || !state) throw error;
    const complaint = complainOfBug(`tell all of what ${typeName} is now`, error);
    return { newState: form.writeAnyhow(state), complaints: [complaint] };
  }
}

/** The calls that bring states from elsewhere: from a stored file, from Coze, from another type of resource. */
export const stateCalls = (door: ProviderInterface, forms: ReadonlyMap<string, ObjectForm>) => ({
  upgradeResourceState: ({ typeName, version, rawState }: UpgradeResourceState_Request) =>
    respond<{ upgradedState?: WireValue }>({
      what: `take up the state of ${typeName}`,
      form: forms.get(typeName),
      otherwise: {},
      async run() {
        const given = readRawState(rawState);
        if (!given) return { complaints: [complainOfFlatmap(typeName)], body: {} };
        const { complaints, stored } = await door.upgrade(typeName, Number(version), given);
        if (!stored) return { complaints, body: {} };
        // Terraform reads numbers of its own JSON with more digits than we do.
        const json = stored === given ? rawState?.json : new TextEncoder().encode(JSON.stringify(stored));
        return { complaints, body: { upgradedState: { msgpack: nothing, json: json ?? nothing } } };
      },
    }),

  importResourceState: ({ typeName, id }: ImportResourceState_Request) =>
    respond({
      what: `import ${typeName}`,
      form: forms.get(typeName),
      otherwise: { importedResources: [] },
      async run(ownForm) {
        const { complaints, imported } = await door.import(typeName, id);
        const importedResources = imported.map(({ type, state, memory }) => ({
          typeName: type,
          state: (forms.get(type) ?? ownForm).write(state),
          private: writeMemory(memory),
        }));
        return { complaints, body: { importedResources } };
      },
    }),

  moveResourceState: (request: MoveResourceState_Request) =>
    respond<{ targetState?: WireValue; targetPrivate?: Uint8Array }>({
      what: `move ${request.sourceTypeName} to ${request.targetTypeName}`,
      form: forms.get(request.targetTypeName),
      otherwise: {},
      async run(form) {
        const state = readRawState(request.sourceState);
        if (!state) return { complaints: [complainOfFlatmap(request.sourceTypeName)], body: {} };
        const moved = await door.move(request.targetTypeName, {
          provider: request.sourceProviderAddress,
          type: request.sourceTypeName,
          state,
          memory: readMemory(request.sourcePrivate),
        });
        const body = moved.state
          ? { targetState: form.write(moved.state), targetPrivate: writeMemory(moved.memory) }
          : {};
        return { complaints: moved.complaints, body };
      },
    }),
});

const nothing = new Uint8Array();

/** Undefined: it is none that can be read. */
function readRawState(raw: RawState | undefined): ResourceState | undefined {
  if (!raw || raw.json.length === 0) return undefined;
  const state: unknown = JSON.parse(new TextDecoder().decode(raw.json));
  return isObject(state) ? state : undefined;
}

const complainOfFlatmap = (typeName: string): ProviderDiagnostic => ({
  severity: "error",
  summary: `the state of ${typeName} isn't JSON`,
  detail:
    "Terraform 0.11 and earlier wrote states like this: take the resource out of the state and import it.",
});
