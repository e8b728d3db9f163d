import { expect, test } from "@jest/globals";
import type { Shape } from "../../src/core/field.ts";
import { kinds } from "../../src/kinds/index.ts";

/** Whether a dotted path leads to a field. */
function leads(shape: Shape | undefined, [step, ...rest]: readonly string[]): boolean {
  if (step === undefined) return shape !== undefined;
  return shape?.type === "object" && leads(shape.fields[step], rest);
}

test.each(kinds.filter(({ failureFields }) => failureFields).map((kind) => [kind.name, kind] as const))(
  "what %s blames are fields of its own",
  (_name, { fields, failureFields }) => {
    const root: Shape = { type: "object", fields };
    const astray = Object.values(failureFields ?? {})
      .flat()
      .filter((path) => !leads(root, path.split(".")));
    expect(astray).toEqual([]);
  },
);
