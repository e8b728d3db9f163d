import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Held, ProviderDiagnostic, ProviderInterface } from "../../provider/provider-interface.ts";
import { UnfitValue } from "../../values/codec.ts";
import type {
  ApplyResourceChange_Request,
  AttributePathSchema,
  PlanResourceChange_Request,
  ReadResource_Request,
  ValidateResourceConfig_Request,
} from "../rpc/gen/tfplugin6_pb.js";
import { selectorsOf } from "./attribute-path.ts";
import { complainOfBug } from "./diagnostic-messages.ts";
import { type ObjectForm, readMemory, type WireValue, writeMemory } from "./object-form.ts";
import { respond } from "./respond.ts";

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
