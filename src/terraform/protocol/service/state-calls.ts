import { isObject } from "../../../core/value.ts";
import type {
  ProviderDiagnostic,
  ProviderInterface,
  ResourceState,
} from "../../provider/provider-interface.ts";
import type {
  ImportResourceState_Request,
  MoveResourceState_Request,
  RawState,
  UpgradeResourceState_Request,
} from "../rpc/gen/tfplugin6_pb.js";
import { type ObjectForm, readMemory, type WireValue, writeMemory } from "./object-form.ts";
import { respond } from "./respond.ts";

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
