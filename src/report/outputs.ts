import { createHash } from "node:crypto";
import { shellQuote } from "../core/command-line.ts";
import { groupBy } from "../core/group.ts";
import { writeJson } from "../core/json-output.ts";
import { say } from "../messages/text.ts";
import type { Output } from "../promote/outputs.ts";
import { printableLine } from "./escape-control.ts";
import type { OutputFormat } from "./output-format.ts";

/** Ids, versions and revisions as text for programs; ids are strings in every format. */
export function renderOutputs(outputs: readonly Output[], format: OutputFormat, environment: string): string {
  switch (format) {
    case "env":
      return renderVariables(outputs);
    case "json":
      return `${writeJson(nest(outputs), 2)}\n`;
    case "ts":
      return renderModule(outputs, environment);
  }
}

/** The facts of one resource by the names that all formats use. */
const factsOf = ({ id, version, revision }: Output): readonly (readonly [string, string])[] =>
  Object.entries({ id, version, revision }).flatMap(([word, value]) =>
    value === undefined ? [] : [[word, value]],
  );

function renderVariables(outputs: readonly Output[]): string {
  const byName = groupBy(outputs, nameOf);
  const lines = outputs.flatMap((output) => {
    const plain = nameOf(output);
    const isShared = (byName.get(plain)?.length ?? 0) > 1;
    const name = isShared ? `${plain}_${fingerprint(output.address)}` : plain;
    return factsOf(output).map(([word, value]) => `${name}_${word.toUpperCase()}=${shellQuote(value)}\n`);
  });
  return lines.join("");
}

/** A name of letters, digits and underscores. A key that isn't exact in it adds a fingerprint. */
function nameOf({ kind, name, key }: Output): string {
  const words = [kind.replace(/(?<=[a-z])(?=[A-Z])/g, "_"), name, ...(key === undefined ? [] : [key])];
  const plain = words.map((word) => word.toUpperCase().replace(/[^A-Z0-9]/g, "_")).join("_");
  const isExact = key === undefined || /^[a-z0-9]+(-[a-z0-9]+)*$/.test(key);
  return `COZE_${plain}${isExact ? "" : `_${fingerprint(key)}`}`;
}

const fingerprint = (text: string): string =>
  createHash("sha256").update(text).digest("hex").slice(0, 8).toUpperCase();

type Tree = { readonly [key: string]: string | Tree };

/** By kind, name and, for a `for_each`, key. */
const nest = (outputs: readonly Output[]): Tree =>
  createTree(
    groupBy(outputs, ({ kind }) => wordFor(kind)),
    (some) =>
      createTree(
        groupBy(some, ({ name }) => name),
        (alike) => Object.fromEntries(alike.flatMap(entriesOf)),
      ),
  );

const createTree = (
  groups: ReadonlyMap<string, readonly Output[]>,
  build: (outputs: readonly Output[]) => Tree,
): Tree => Object.fromEntries([...groups].map(([key, some]) => [key, build(some)]));

const entriesOf = (output: Output): readonly (readonly [string, string | Tree])[] =>
  output.key === undefined ? factsOf(output) : [[output.key, Object.fromEntries(factsOf(output))]];

/** `bots` for Bot, `copies` for Copy. */
const wordFor = (kind: string): string =>
  `${kind.charAt(0).toLowerCase()}${kind.slice(1)}s`.replace(/ys$/, "ies");

function renderModule(outputs: readonly Output[], environment: string): string {
  const comment = printableLine(say("report/outputs-module", { environment: shellQuote(environment) }));
  const declaration = ["export", "const", "coze", "=", writeTree(nest(outputs), ""), "as", "const;"];
  return `// ${comment}\n${declaration.join(" ")}\n`;
}

function writeTree(tree: Tree, indent: string): string {
  const entries = Object.entries(tree);
  if (entries.length === 0) return "{}";
  const inner = `${indent}  `;
  const lines = entries.map(([key, value]) => {
    const text = typeof value === "string" ? writeJson(value) : writeTree(value, inner);
    return `${[inner + writeKey(key), text].join(": ")},\n`;
  });
  return `{\n${lines.join("")}${indent}}`;
}

function writeKey(key: string): string {
  // Without brackets this key would set the prototype.
  if (key === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : writeJson(key);
}
