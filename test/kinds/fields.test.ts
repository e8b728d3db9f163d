import { describe, expect, test } from "@jest/globals";
import type { Field, Fields, Shape } from "../../src/core/field.ts";
import { cozeProvider, kinds } from "../../src/kinds/index.ts";

/** Every field of a kind with its dotted name, nested ones too. */
function allFields(fields: Fields, above = ""): readonly (readonly [string, Field])[] {
  return Object.entries(fields).flatMap(([name, field]) => [
    [above + name, field] as const,
    ...nested(field, `${above}${name}.`),
  ]);
}

function nested(shape: Shape, above: string): readonly (readonly [string, Field])[] {
  if (shape.type === "object") return allFields(shape.fields, above);
  if (shape.type === "list") return nested(shape.items, above);
  return shape.type === "map" && shape.values ? nested(shape.values, above) : [];
}

const named = kinds.map((kind) => [kind.name, kind] as const);

describe("the definitions of kinds", () => {
  test("no two share a name", () => {
    expect(new Set(kinds.map(({ name }) => name)).size).toBe(kinds.length);
    expect(cozeProvider.kinds).toBe(kinds);
  });

  test.each(named)("every field of %s is described in sentences", (_name, kind) => {
    const bare = allFields(kind.fields).filter(
      ([, { description }]) => !/^[A-Z`].*\.\)?$/su.test(description),
    );
    expect(bare.map(([name]) => name)).toEqual([]);
  });

  test.each(named)("%s is identified by fields that it has", (_name, kind) => {
    const names = [...kind.identity, ...(kind.parent ? [kind.parent] : [])];
    expect(names.filter((name) => kind.fields[name]?.presence !== "required")).toEqual([]);
    if (kind.parent) expect(kind.identity).toContain(kind.parent);
  });

  test.each(named)("references of %s lead to kinds, its parent's too", (_name, kind) => {
    const known = new Set(kinds.map(({ name }) => name));
    const refs = allFields(kind.fields).flatMap(([, field]) => {
      const shape = field.type === "list" ? field.items : field;
      return shape.type === "ref" ? [shape.kind] : [];
    });
    expect(refs.filter((ref) => !known.has(ref))).toEqual([]);
    if (kind.parent) expect(kind.fields[kind.parent]?.type).toBe("ref");
  });

  test.each(named)("%s can be removed, or abandoned, exactly when it can be made", (_name, kind) => {
    const makes = kind.create !== undefined || kind.createMany !== undefined;
    expect(kind.removal !== undefined).toBe(makes);
    expect(kind.removal === "delete").toBe(kind.remove !== undefined || kind.removeMany !== undefined);
  });

  test.each(named)(
    "%s says that Coze processes its objects exactly when it can look at that",
    (_name, kind) => {
      expect(kind.processed === true).toBe(kind.settle !== undefined);
    },
  );

  test.each(named)("follow-ups of %s belong to fields that it has", (_name, kind) => {
    const fields = (kind.followUps ?? []).flatMap((one) => one.fields);
    expect(fields.filter((name) => !kind.fields[name])).toEqual([]);
  });

  test.each(named)("limits and defaults of %s agree", (_name, kind) => {
    const wrong = allFields(kind.fields).filter(
      ([, field]) =>
        (field.type === "enum" &&
          field.default !== undefined &&
          !field.values.includes(String(field.default))) ||
        (field.presence === "computed" && field.default !== undefined),
    );
    expect(wrong.map(([name]) => name)).toEqual([]);
  });
});
