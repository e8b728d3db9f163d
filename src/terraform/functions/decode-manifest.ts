import type { SchemaError } from "../../core/schema-errors.ts";
import { formatPath, type Path } from "../../core/spec-walk.ts";
import { proposeWord } from "../../core/suggestions.ts";
import { isObject, type Json, type Values } from "../../core/value.ts";
import { kinds } from "../../kinds/index.ts";
import { apiVersion, manifestName } from "../../manifest/schema/header-fields.ts";
import { showValue } from "../../secrets/detection.ts";
import type { CozeKind } from "../schema/coze-kind.ts";
import { resourceType } from "../schema/names.ts";
import { type DecodeContext, decodeFields } from "./decode-fields.ts";
import type { TextFault, YamlDocument } from "./yaml-documents.ts";

/** What manifests name files by. */
export type Files = Pick<DecodeContext, "directory" | "readText" | "judge">;

/** What a manifest says: `{kind, name, spec}`, spec with every attribute of the kind's resource; or what is wrong with it. */
export function decodeManifest(
  { value, at, sourceOf }: YamlDocument,
  files: Files,
): { readonly manifest: Values } | { readonly faults: readonly TextFault[] } {
  const faults: TextFault[] = [];
  const complain: DecodeContext["complain"] = (path, { said, hint }, part) =>
    faults.push({ ...at(path, part), message: said, hint });
  const plain = fillIn(value, [], complain);
  if (faults.length > 0) return { faults };
  const header = readHeader(plain, complain);
  if (!header) return { faults };
  const { kind, name, spec } = header;
  const decoded = decodeFields({ ...files, sourceOf, complain }, kind.fields, spec, ["spec"]);
  return faults.length > 0 ? { faults } : { manifest: { kind: kind.name, name, spec: decoded } };
}

type Complain = DecodeContext["complain"];

/** Texts as they are meant; nothing is interpolated here, which is told of. */
function fillIn(value: Json, path: Path, complain: Complain): Json {
  if (typeof value === "string") {
    const found = [...value.matchAll(/\$?\$\{([^}]*)\}?/gu)].find(([text]) => !text.startsWith("$$"));
    if (found) complain(path, describeInterpolation(found[0], found[1] ?? "", path));
    return value.replaceAll("$${", () => "${");
  }
  if (Array.isArray(value)) return value.map((item: Json, index) => fillIn(item, [...path, index], complain));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(
    ([key, item]) => [key, fillIn(item, [...path, key], complain)] as const,
  );
  return Object.fromEntries(entries);
}

function describeInterpolation(text: string, expression: string, path: Path): SchemaError {
  const [head = "x", ...rest] = expression.trim().split(".");
  const hint =
    head === "each" || head === "env"
      ? `take it out of the manifest, and give the value in the resource's block`
      : `read the file by templatefile("…", { ${head} = { ${rest[0] ?? "name"} = … } }) in place of file("…"); write $\${ for the characters themselves`;
  return { said: `${formatPath(path)}: nothing is put in for ${text} here`, hint };
}

interface Header {
  readonly kind: CozeKind;
  readonly name: string;
  readonly spec: Values;
}

/** Parts of a manifest; `checks` are for promotions of cozeform's. */
const parts = ["apiVersion", "kind", "metadata", "spec", "checks"];
/** What Terraform has words of its own for is left to the resource's block. */
const metadataParts = ["name", "lifecycle", "depends_on", "for_each"];

function readHeader(value: Json, complain: Complain): Header | undefined {
  if (!isObject(value)) {
    const hint = "a manifest has apiVersion, kind, metadata: {name: …} and spec";
    complain([], { said: "this isn't a manifest: a manifest is a map", hint });
    return undefined;
  }
  rejectStrangers(value, parts, [], complain);
  if (value.apiVersion !== apiVersion) {
    const said =
      value.apiVersion === undefined ? "apiVersion is missing" : `apiVersion must be ${apiVersion}`;
    complain(["apiVersion"], { said, hint: `write apiVersion: ${apiVersion}` });
  }
  const kind = readKind(value.kind, complain);
  const name = readName(value.metadata, complain);
  const spec = value.spec ?? null;
  if (!isObject(spec)) {
    const said = spec === null ? "spec is missing" : "spec must be a map";
    complain(["spec"], { said, hint: "write spec: and below it the resource's fields" });
  }
  return kind && name !== undefined && isObject(spec) ? { kind, name, spec } : undefined;
}

function rejectStrangers(values: Values, known: readonly string[], path: Path, complain: Complain): void {
  for (const key of Object.keys(values).filter((one) => !known.includes(one))) {
    const where = path.length === 0 ? "" : ` in ${formatPath(path)}`;
    const free = known.filter((one) => !Object.hasOwn(values, one));
    const hint = proposeWord(key, free, "keys");
    complain([...path, key], { said: `unknown key ${JSON.stringify(key)}${where}`, hint }, "key");
  }
}

function readKind(value: Json | undefined, complain: Complain): CozeKind | undefined {
  const managed = kinds.filter(({ removal }) => removal !== undefined).map(({ name }) => name);
  if (typeof value !== "string") {
    complain(["kind"], { said: "kind is missing", hint: `give one of ${managed.join(", ")}` });
    return undefined;
  }
  const kind = kinds.find(({ name }) => name === value);
  if (kind?.removal !== undefined) return kind;
  const fault = kind
    ? {
        said: `a ${value} can't be made through Coze's API`,
        hint: `look it up with data.${resourceType(kind)}`,
      }
    : { said: `there is no kind ${showValue(value)}`, hint: proposeWord(value, managed, "kinds") };
  complain(["kind"], fault);
  return undefined;
}

function readName(metadata: Json | undefined, complain: Complain): string | undefined {
  if (!isObject(metadata)) {
    complain(["metadata"], { said: "metadata is missing", hint: "write metadata: {name: support}" });
    return undefined;
  }
  rejectStrangers(metadata, metadataParts, ["metadata"], complain);
  if (metadata.for_each !== undefined) {
    const hint = "write one manifest for each, or give for_each in the resource's block";
    complain(["metadata", "for_each"], { said: "metadata.for_each makes nothing here", hint }, "key");
  }
  const { name } = metadata;
  if (typeof name === "string" && new RegExp(manifestName.pattern, "u").test(name)) return name;
  const said =
    name === undefined ? "metadata.name is missing" : `metadata.name must be ${manifestName.patternHint}`;
  complain(["metadata", "name"], { said, hint: "write metadata: {name: support}" });
  return undefined;
}
