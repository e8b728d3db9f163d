import { create, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  ApplyResourceChange_RequestSchema,
  GetProviderSchema_ResponseSchema,
  PlanResourceChange_RequestSchema,
  PlanResourceChange_ResponseSchema,
  ReadResource_RequestSchema,
  ReadResource_ResponseSchema,
  UpgradeResourceState_RequestSchema,
  UpgradeResourceState_ResponseSchema,
  ValidateResourceConfig_RequestSchema,
} from "../../../src/terraform/protocol/rpc/gen/tfplugin6_pb.js";
import { readMessage, writeMessage } from "../../../src/terraform/protocol/rpc/message-bytes.ts";

const bytes = fc.uint8Array({ maxLength: 300 });
const text = fc.string({ unit: "binary" });
const value = fc.option(fc.record({ msgpack: bytes, json: bytes }), { nil: undefined });
const diagnostics = fc.array(
  fc.record({
    severity: fc.constantFrom(1, 2),
    summary: text,
    attribute: fc.constant({ steps: [{ selector: { case: "attributeName", value: "name" } }] }),
  }),
  { maxLength: 2 },
);
const capabilities = fc.option(fc.record({ deferralAllowed: fc.boolean() }), { nil: undefined });
const version = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

const messages: readonly [string, DescMessage, fc.Arbitrary<Record<string, unknown>>][] = [
  [
    "ValidateResourceConfig.Request",
    ValidateResourceConfig_RequestSchema,
    fc.record({ typeName: text, config: value, clientCapabilities: capabilities }),
  ],
  [
    "UpgradeResourceState.Request",
    UpgradeResourceState_RequestSchema,
    fc.record({
      typeName: text,
      version,
      rawState: fc.record({ json: bytes, flatmap: fc.dictionary(text, text, { maxKeys: 2 }) }),
    }),
  ],
  [
    "UpgradeResourceState.Response",
    UpgradeResourceState_ResponseSchema,
    fc.record({ upgradedState: value, diagnostics }),
  ],
  [
    "ReadResource.Request",
    ReadResource_RequestSchema,
    fc.record({ typeName: text, currentState: value, private: bytes, clientCapabilities: capabilities }),
  ],
  [
    "ReadResource.Response",
    ReadResource_ResponseSchema,
    fc.record({
      newState: value,
      private: bytes,
      diagnostics,
      deferred: fc.option(fc.constant({ reason: 1 }), { nil: undefined }),
    }),
  ],
  [
    "PlanResourceChange.Request",
    PlanResourceChange_RequestSchema,
    fc.record({
      typeName: text,
      priorState: value,
      proposedNewState: value,
      config: value,
      priorPrivate: bytes,
    }),
  ],
  [
    "PlanResourceChange.Response",
    PlanResourceChange_ResponseSchema,
    fc.record({
      plannedState: value,
      plannedPrivate: bytes,
      diagnostics,
      requiresReplace: fc.constantFrom([], [{ steps: [{ selector: { case: "elementKeyInt", value: 3n } }] }]),
    }),
  ],
];

test.each(messages)("%s is read and written as the library does", (_name, desc, arbitrary) => {
  fc.assert(
    fc.property(arbitrary, (given) => {
      const whole = create(desc, given);
      const known = toBinary(desc, whole);
      expect(readMessage(desc, known)).toEqual({ ...whole });
      expect(fromBinary(desc, writeMessage(desc, given))).toEqual(whole);
      expect(fromBinary(desc, writeMessage(desc, readMessage(desc, known)))).toEqual(whole);
    }),
  );
});

test("fields of a later protocol are left aside", () => {
  const known = toBinary(
    ApplyResourceChange_RequestSchema,
    create(ApplyResourceChange_RequestSchema, { typeName: "coze_bot", plannedPrivate: new Uint8Array([1]) }),
  );
  const later = Uint8Array.from([...known, 0xba, 0x3e, 1, 0x61]); // field 999, a text
  expect(readMessage(ApplyResourceChange_RequestSchema, later)).toMatchObject({
    typeName: "coze_bot",
    plannedPrivate: new Uint8Array([1]),
  });
});

test.each([
  ["a field that ends too soon", [0x0a, 5, 0x61]],
  ["a field of no kind", [0x0f]],
])("%s is no message", (_name, given) => {
  expect(() => readMessage(ReadResource_RequestSchema, Uint8Array.from(given))).toThrow();
});

test("what has defaults is left out, and what has lists goes to the library", () => {
  expect(writeMessage(ReadResource_ResponseSchema, { private: new Uint8Array(), diagnostics: [] })).toEqual(
    new Uint8Array(),
  );
  const schemas = { resourceSchemas: { coze_bot: { version: 1n } } };
  expect(
    fromBinary(GetProviderSchema_ResponseSchema, writeMessage(GetProviderSchema_ResponseSchema, schemas)),
  ).toEqual(create(GetProviderSchema_ResponseSchema, schemas));
});
