// A stand-in for hashicorp/null 3.2.4, which can't be downloaded everywhere: as much of null_resource as constructs and
// provisioners need, on cozeform's own server of the protocol. A fixture of tests, bundled by them; nobody else's.
import { randomUUID } from "node:crypto";
import { runProvider } from "../../src/terraform/protocol/rpc/program.ts";
import { createService } from "../../src/terraform/protocol/service/service.ts";
import type { ProviderInterface } from "../../src/terraform/provider/provider-interface.ts";
import type { Schema } from "../../src/terraform/schema/attribute.ts";
import { unknown } from "../../src/terraform/values/unknown.ts";

const nullResource: Schema = {
  version: 0,
  description: "Nothing, for provisioners.",
  attributes: {
    id: { type: "string", computed: true, description: "Any." },
    triggers: { type: { map: "string" }, optional: true, description: "Others make another one." },
  },
};

const fine = { diagnostics: [] };

const door: ProviderInterface = {
  schema: {
    provider: { version: 0, description: "Null.", attributes: {} },
    resources: { null_resource: nullResource },
    dataSources: {},
    functions: {},
  },
  validateProvider: async () => fine,
  validateResource: async () => fine,
  validateDataSource: async () => fine,
  configure: async () => fine,
  upgrade: async (_type, _version, stored) => ({ ...fine, stored }),
  read: async (_type, held) => ({ ...fine, ...held }),
  async plan(_type, { prior, proposed, privateState }) {
    const isNew = prior === null;
    const isOther = JSON.stringify(prior?.triggers) !== JSON.stringify(proposed?.triggers);
    const planned = proposed && (isNew ? { ...proposed, id: unknown } : proposed);
    return {
      ...fine,
      planned,
      requiresReplace: !isNew && proposed && isOther ? [["triggers"]] : [],
      privateState,
    };
  },
  async apply(_type, { prior, planned, privateState }) {
    const state = planned && (prior === null ? { ...planned, id: randomUUID() } : planned);
    return { ...fine, state, privateState };
  },
  import: async () => ({ ...fine, imported: [] }),
  move: async () => ({ ...fine, state: null, privateState: {} }),
  readDataSource: async () => ({ ...fine, state: null }),
  call: async () => ({ error: "there are no functions" }),
  stop() {},
};

runProvider(process, async () => createService(door));
