import { expect, test } from "@jest/globals";
import type { CozeClient } from "../../src/coze/client.ts";
import type { OperationName } from "../../src/coze/http/operation.ts";
import { defineKind } from "../../src/kind/kind.ts";

const define = defineKind<CozeClient, OperationName>();

const sound = {
  name: "Lamp",
  description: "A lamp.",
  async *list() {},
} as const;

const name = { type: "string", presence: "required", description: "What it is called." } as const;

// The compiler is the judge here: every line below an expectation of an error must have one.
test("a kind may only name its own fields and the client's operations", () => {
  const kind = define({
    ...sound,
    identity: ["name"],
    operations: { create: "create_bot" },
    failureFields: { 4012: "bulb.watts", lamp_name: "name" },
    fields: {
      name: { ...name, conflictsWith: ["bulb"] },
      bulb: {
        type: "object",
        presence: "optional",
        description: "What shines.",
        exactlyOne: ["watts"],
        fields: { watts: { type: "integer", presence: "optional", description: "How bright it is." } },
      },
    },
    followUps: [
      {
        name: "light",
        operation: "publish_bot",
        fields: ["bulb"],
        calls: ({ spec }) => (spec.bulb ? [{ argument: null, effect: "lights it" }] : []),
        run: async () => {},
      },
    ],
  });
  expect(kind.failureFields).toEqual({ 4012: "bulb.watts", lamp_name: "name" });

  // @ts-expect-error no field is called so
  define({ ...sound, identity: ["nmae"], fields: { name } });
  // @ts-expect-error no field is called so
  define({ ...sound, identity: ["name"], parent: "space", fields: { name } });
  // @ts-expect-error no field is called so
  define({ ...sound, identity: ["name"], failureFields: { lamp_name: "nmae" }, fields: { name } });
  // @ts-expect-error a text has no fields in it
  define({ ...sound, identity: ["name"], failureFields: { lamp_name: "name.first" }, fields: { name } });
  // @ts-expect-error no operation is called so
  define({ ...sound, identity: ["name"], operations: { create: "create_lamp" }, fields: { name } });
  // @ts-expect-error no method is called so
  define({ ...sound, identity: ["name"], operations: { craete: "create_bot" }, fields: { name } });
  // @ts-expect-error no field is called so
  define({ ...sound, identity: ["name"], fields: { name: { ...name, conflictsWith: ["nmae"] } } });
});
