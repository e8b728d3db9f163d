import type { Location } from "../core/diagnostic.ts";
import { compileReplySchema, SchemaFault } from "../core/reply-schema.ts";
import { isObject, type Json, type Values } from "../core/value.ts";
import type { Check } from "../kind/resource.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { Problem, Report } from "./problems.ts";
import { checksField } from "./schema/header-fields.ts";
import { isBroken } from "./schema/validate.ts";
import {
  type Mapping,
  mappingAt,
  nodeAt,
  type SourceNode,
  textOf,
  toJson,
  valueAt,
} from "./yaml/source-tree.ts";

/** What checks are read by. */
export interface CheckContext {
  readonly kind: KindSchema;
  /** The spec of whom they ask; undefined when it can't be relied on. */
  readonly spec: Values | undefined;
  /** Names of the kinds that can be asked. */
  readonly askable: readonly string[];
  readonly report: Report;
}

/** Reads the checks of a manifest, and reports what no schema can tell of them. */
export function readChecks(root: Mapping, context: CheckContext): readonly Check[] {
  const node = valueAt(root, "checks");
  if (!node) return [];
  const asked = reportUnaskable(root, context);
  const items = node.type === "list" ? node.items : [];
  const known = new Map<string, Location>();
  return items.flatMap((item, index): readonly Check[] => {
    if (item.type !== "map") return [];
    const { report } = context;
    const place = `checks[${index}]`;
    reportDuplicateName(valueAt(item, "name"), place, known, report);
    if (asked !== undefined) reportWrongInput(item, place, asked, context);
    const expect = mappingAt(item, "expect");
    if (expect) reportExpectation(expect, `${place}.expect`, report);
    return isBroken(item) ? [] : [readCheck(item)];
  });
}

/** Reports that its object can't be asked at all, or tells what it is asked with. */
function reportUnaskable(
  root: Mapping,
  { kind, spec, askable, report }: CheckContext,
): "say" | "input" | undefined {
  const asks = kind.replyProbe
    ? spec && kind.replyProbe.asks(spec)
    : { refusal: `a ${kind.name} can't be asked` };
  if (!isObject(asks)) return asks;
  const hint = `take its checks out; what can be asked: ${askable.join(", ")}`;
  report(root.entries.get("checks")?.key, { code: "rule", message: String(asks.refusal), hint });
  return undefined;
}

function reportWrongInput(
  item: Mapping,
  place: string,
  asked: "say" | "input",
  { kind, report }: CheckContext,
): void {
  const other = asked === "say" ? "input" : "say";
  const at = item.entries.get(other)?.key;
  if (!at || item.entries.has(asked)) return;
  const example = asked === "say" ? "say: and what to say to it" : "input: and below it its parameters";
  const message = `${place}.${other}: this ${kind.name} is asked with ${asked}`;
  report(at, { code: "rule", message, hint: `write ${example}` });
}

function reportDuplicateName(
  name: SourceNode | undefined,
  place: string,
  known: Map<string, Location>,
  report: Report,
): void {
  const text = textOf(name);
  if (!name || text === undefined || isBroken(name)) return;
  const first = known.get(text);
  if (!first) {
    known.set(text, name.at);
    return;
  }
  const other = `${first.file}:${first.line}:${first.column}`;
  const message = `${place}.name is that of another check already, at ${other}`;
  report(name.at, { code: "duplicate-item", message, hint: "give one of them another name" });
}

function reportExpectation(expect: Mapping, place: string, report: Report): void {
  if (expect.entries.size === 0) {
    const hint = `give ${Object.keys(checksField.items.fields.expect.fields).join(", ")}, or several of them`;
    report(expect.at, { code: "missing", message: `${place} expects nothing`, hint });
  }
  const pattern = valueAt(expect, "pattern");
  const fault = pattern && !isBroken(pattern) ? findPatternFault(textOf(pattern)) : undefined;
  if (pattern && fault !== undefined) report(pattern.at, describePattern(`${place}.pattern`, fault));
  const schema = mappingAt(expect, "schema");
  if (schema && !isBroken(schema)) reportSchema(schema, `${place}.schema`, report);
}

/** Why a text is no regular expression, in V8's words, without the text. */
function findPatternFault(text: string | undefined): string | undefined {
  try {
    new RegExp(text?.normalize("NFC") ?? "", "u");
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    return message.slice(message.lastIndexOf(": ") + 2).toLowerCase();
  }
}

const describePattern = (place: string, fault: string): Problem => ({
  code: "malformed",
  message: `${place} isn't a regular expression: ${fault}`,
  hint: "put a backslash before a character that stands for itself: \\( \\? \\.; or expect it as text:",
});

function reportSchema(schema: Mapping, place: string, report: Report): void {
  try {
    compileReplySchema(toJson(schema) as Values);
  } catch (error) {
    if (!(error instanceof SchemaFault)) throw error;
    const hint = "correct it: it is read as JSON Schema, draft 2020-12";
    for (const { message, path } of error.faults) {
      const part = [place, ...path].join(".");
      // It may quote a part of the schema.
      const why = isFromEnvironment(schema) ? "" : `: ${message}`;
      const at = nodeAt(schema, path).node.at;
      report(at, { code: "malformed", message: `${part} is no JSON Schema${why}`, hint });
    }
  }
}

function readCheck(item: Mapping): Check {
  const { name, say, input, expect, within } = toJson(item) as Values;
  const wanted = isObject(expect) ? expect : {};
  return {
    name: String(name),
    say: textOrAbsent(say),
    input: isObject(input) ? input : undefined,
    expect: {
      text: textOrAbsent(wanted.text),
      pattern: textOrAbsent(wanted.pattern),
      schema: isObject(wanted.schema) ? wanted.schema : undefined,
    },
    within: typeof within === "number" ? within : checksField.items.fields.within.default,
    hidden: isFromEnvironment(item) || undefined,
    at: item.at,
  };
}

const textOrAbsent = (value: Json | undefined): string | undefined =>
  value === undefined ? undefined : String(value);

function isFromEnvironment(node: SourceNode): boolean {
  if (node.type === "scalar") return node.from === "environment";
  const parts = node.type === "list" ? node.items : [...node.entries.values()].map(({ value }) => value);
  return parts.some(isFromEnvironment);
}
