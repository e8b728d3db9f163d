import type { Fields, Shape } from "../../core/field.ts";
import type { Path } from "../../core/spec-walk.ts";
import { explain, say } from "../../messages/text.ts";
import { exposedSecret } from "../checks/secret-places.ts";
import type { Problem, Report } from "../problems.ts";
import type { ProjectFiles } from "../project/readable-files.ts";
import {
  type Mapping,
  ownValue,
  type Scalar,
  type SourceEntry,
  type SourceNode,
  textOf,
  valueAt,
} from "../yaml/source-tree.ts";
import { deferredVariable } from "./substitute.ts";

/** An output of another project that a manifest asks for. */
export interface OutputRequest {
  /** The path of the other project's directory from this one's. */
  readonly project: string;
  readonly output: string;
  /** One of the other project's environments; that of this one's name by default. */
  readonly environment?: string | undefined;
}

/** The value of an output, that it is known only later, or why there is none. */
export type OutputFound =
  | { readonly value: string }
  | { readonly later: true }
  | { readonly complaint: Problem };

/** Reads outputs of other projects; each is asked for as often as it is written. */
export type ReadOutput = (request: OutputRequest) => Promise<OutputFound>;

/** What outputs are put in with. */
export interface OutputContext {
  readonly files: Pick<ProjectFiles, "fromProject">;
  readonly readOutput: ReadOutput;
  readonly report: Report;
}

/** An output that was put in, and where in the spec. */
export interface PutOutput extends OutputRequest {
  readonly path: Path;
  readonly value: string;
}

/**
 * Puts outputs of other projects in where a spec has `{project: …, output: …}` for a text, an id or a reference.
 * `placed` takes each that has a value.
 */
export async function putOutputs(
  fields: Fields,
  spec: Mapping,
  context: OutputContext,
  placed: (output: PutOutput) => void,
): Promise<Mapping> {
  if (!holdsRequest(spec)) return spec;
  const put = async (shape: Shape | undefined, node: SourceNode, path: Path): Promise<SourceNode> => {
    if (!shape) return node;
    if (node.type === "map" && isRequest(node) && (shape.type === "ref" || shape.type === "string")) {
      const scalar = await readRequest(node, context, (one) => placed({ ...one, path }));
      const isText = shape.type === "string" || scalar.broken;
      return isText ? scalar : { ...node, entries: new Map([["id", { key: node.at, value: scalar }]]) };
    }
    if (shape.type === "list" && node.type === "list") {
      const items = node.items.map((item, index) => put(shape.items, item, [...path, index]));
      return { ...node, items: await Promise.all(items) };
    }
    if (node.type !== "map" || (shape.type !== "object" && shape.type !== "map")) return node;
    const entries = [...node.entries].map(async ([name, { key, value }]): Promise<[string, SourceEntry]> => {
      const inner = shape.type === "map" ? shape.values : ownValue(shape.fields, name);
      return [name, { key, value: await put(inner, value, [...path, name]) }];
    });
    return { ...node, entries: new Map(await Promise.all(entries)) };
  };
  return (await put({ type: "object", fields }, spec, [])) as Mapping;
}

const isRequest = (node: SourceNode): boolean =>
  node.type === "map" &&
  node.entries.has("project") &&
  !node.entries.has("id") &&
  !node.entries.has("lookup");

function holdsRequest(node: SourceNode): boolean {
  if (node.type === "list") return node.items.some(holdsRequest);
  return (
    node.type === "map" &&
    (isRequest(node) || [...node.entries.values()].some(({ value }) => holdsRequest(value)))
  );
}

const words = ["project", "output", "environment"];

async function readRequest(
  node: Mapping,
  { files, readOutput, report }: OutputContext,
  placed: (output: Omit<PutOutput, "path">) => void,
): Promise<Scalar> {
  const scalar: Scalar = { type: "scalar", at: node.at, value: "", source: "" };
  const refuse = (at: SourceNode["at"] | undefined, complaint: Problem): Scalar => {
    report(at, complaint);
    return { ...scalar, broken: true };
  };
  for (const [word, { key, value }] of node.entries) {
    if (!words.includes(word)) {
      return refuse(key, {
        code: "unknown-key",
        ...explain("manifest-values/output-form-key", { key: word }),
      });
    }
    if (value.type === "scalar" && value.broken) return { ...scalar, broken: true };
    if (value.type === "scalar" && value.secretOf !== undefined) {
      return refuse(value.at, exposedSecret(value.secretOf));
    }
    if (textOf(value) === undefined || textOf(value) === "") {
      return refuse(value.at, { code: "wrong-type", ...explain("manifest-values/output-form") });
    }
  }
  const [project, output, environment] = words.map((word) => textOf(valueAt(node, word)));
  if (project === undefined || output === undefined) {
    return refuse(node.at, { code: "missing", ...explain("manifest-values/output-form") });
  }
  const request = { project: files.fromProject(project, node), output, environment };
  const found = await readOutput(request);
  if ("complaint" in found) return refuse(valueAt(node, "output")?.at, found.complaint);
  if ("later" in found) {
    return { ...scalar, ...deferredVariable(say("manifest-values/output-later", request)), from: "variable" };
  }
  placed({ ...request, value: found.value });
  return { ...scalar, value: found.value, source: found.value, from: "variable" };
}
