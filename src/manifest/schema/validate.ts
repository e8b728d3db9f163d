import type { DefinedError } from "ajv";
import { compileSchema, type OwnSchema } from "../../core/compile-schema.ts";
import { suggest } from "../../core/suggestions.ts";
import type { KindSchema } from "../../kind/schema.ts";
import type { Report } from "../problems.ts";
import { nodeAt, type Scalar, type SourceNode, toJson } from "../yaml/source-tree.ts";
import type { Schema } from "./field-schema.ts";
import { manifestSchema, projectSchema } from "./json-schema.ts";
import { explainFaults } from "./look-alike-values.ts";
import { type Fault, freeKeys, reportLossyNumbers } from "./schema-diagnostics.ts";

/** Checks a whole document and reports each fault where it is written. */
export type Validate = (root: SourceNode, report: Report) => void;

// Compiling a schema takes longer than checking a hundred manifests with it.
const ofKinds = new WeakMap<readonly KindSchema[], Validate>();
let ofProjects: Validate | undefined;

/** Checks manifests once interpolations and texts are put in. */
export function manifestValidator(kinds: readonly KindSchema[]): Validate {
  const validate =
    ofKinds.get(kinds) ??
    createValidator("manifest.schema.json", () => manifestSchema(kinds, { form: "strict" }));
  ofKinds.set(kinds, validate);
  return validate;
}

/** Checks a project file once interpolations are put in. */
export function projectValidator(): Validate {
  ofProjects ??= createValidator("project.schema.json", () => projectSchema("strict"));
  return ofProjects;
}

/** Makes the check for a schema; its `expected` and other words go into messages. It is made for the first fault. */
export function createValidator(id: OwnSchema["$id"], schema: () => OwnSchema): Validate {
  const check = compileSchema(id, schema);
  return (root, report) => {
    const faults = check(toJson(root)).map((error) => locateFault(error, root));
    const misspelt = findMisspeltKeys(faults);
    for (const fault of faults) {
      if (isMoot(fault, misspelt)) continue;
      for (const explained of explainFaults(fault)) report(explained.at, explained);
    }
    reportLossyNumbers(root, report);
  };
}

function locateFault(error: DefinedError, root: SourceNode): Fault {
  const steps = error.instancePath.split("/").slice(1).map(unescapePointer);
  const path: (string | number)[] = [];
  for (const step of steps) {
    path.push(nodeAt(root, path).node.type === "list" ? Number(step) : step);
  }
  return { error, schema: (error.parentSchema ?? {}) as Schema, node: nodeAt(root, path).node, path };
}

const unescapePointer = (step: string): string => step.replaceAll("~1", "/").replaceAll("~0", "~");

/** The maps with a misspelt key, and the key that was meant. */
function findMisspeltKeys(faults: readonly Fault[]): ReadonlySet<string> {
  const meant = faults.flatMap((fault) => {
    if (fault.error.keyword !== "additionalProperties") return [];
    const near = suggest(fault.error.params.additionalProperty, freeKeys(fault));
    return near === undefined ? [] : [fault.error.instancePath, `${fault.error.instancePath}/${near}`];
  });
  return new Set(meant);
}

/** Whether another report covers it: of the value itself, or of the misspelt key that was to give it. */
function isMoot({ error, node, path }: Fault, misspelt: ReadonlySet<string>): boolean {
  if (error.keyword === "required")
    return misspelt.has(`${error.instancePath}/${error.params.missingProperty}`);
  // What isn't a map at all is a fault of its own.
  if (error.keyword === "oneOf") return node.type !== "map" || misspelt.has(error.instancePath);
  if (error.keyword === "uniqueItems" && node.type === "list") {
    return [error.params.i, error.params.j].some((index) => isBroken(node.items[index]));
  }
  if (node.type !== "scalar") return false;
  // What names and orders resources has to be known, and so does whether a value is a single one.
  const isJudged = path[0] === "metadata" || (error.keyword === "type" && !takesScalars(error.params.type));
  // Of a number it matters whether its field wants one.
  if (node.lossy !== undefined) return error.keyword !== "type";
  return node.broken === true || (node.later === true && !isJudged);
}

const takesScalars = (types: string | readonly string[]): boolean =>
  [types].flat().some((type) => type !== "object" && type !== "array");

/** Whether some part of a value is reported already or not known, so that the whole can't be judged. */
export const isBroken = (node: SourceNode | undefined): boolean => hasScalar(node, ({ broken }) => !!broken);

/** Whether some part of a value is known only later. */
export const isLater = (node: SourceNode | undefined): boolean => hasScalar(node, ({ later }) => !!later);

function hasScalar(node: SourceNode | undefined, test: (scalar: Scalar) => boolean): boolean {
  if (!node) return false;
  if (node.type === "scalar") return test(node);
  if (node.type === "list") return node.items.some((item) => hasScalar(item, test));
  return [...node.entries.values()].some(({ value }) => hasScalar(value, test));
}
