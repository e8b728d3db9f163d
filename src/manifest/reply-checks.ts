import type { Location } from "../core/diagnostic.ts";
import { isObject, type Json, type Values } from "../core/value.ts";
import type { Check } from "../kind/resource.ts";
import type { KindSchema } from "../kind/schema.ts";
import { explain, say } from "../messages/text.ts";
import { type Report, showPlace } from "./problems.ts";
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
export async function readChecks(root: Mapping, context: CheckContext): Promise<readonly Check[]> {
  const node = valueAt(root, "checks");
  if (!node) return [];
  const asked = reportUnaskable(root, context);
  const items = node.type === "list" ? node.items : [];
  const known = new Map<string, Location>();
  const checks: Check[] = [];
  for (const [index, item] of items.entries()) {
    if (item.type !== "map") continue;
    const { report } = context;
    const place = `checks[${index}]`;
    reportDuplicateName(valueAt(item, "name"), place, known, report);
    if (asked !== undefined) reportWrongInput(item, place, asked, context);
    const expect = mappingAt(item, "expect");
    if (expect) await reportExpectation(expect, `${place}.expect`, report);
    if (!isBroken(item)) checks.push(readCheck(item));
  }
  return checks;
}

/** Reports that its object can't be asked at all, or tells what it is asked with. */
function reportUnaskable(
  root: Mapping,
  { kind, spec, askable, report }: CheckContext,
): "say" | "input" | undefined {
  const asks = kind.replyProbe
    ? spec && kind.replyProbe.asks(spec)
    : { refusal: say("manifest/no-checks", { kind: kind.name }) };
  if (!isObject(asks)) return asks;
  const hint = say("manifest/remove-checks", { kinds: askable.join(", ") });
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
  const values = { place: `${place}.${other}`, kind: kind.name };
  report(at, { code: "rule", ...explain(`manifest/check-with-${asked}`, values) });
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
  const other = showPlace(first);
  const problem = explain("manifest/check-name-twice", { place: `${place}.name`, other });
  report(name.at, { code: "duplicate-item", ...problem });
}

async function reportExpectation(expect: Mapping, place: string, report: Report): Promise<void> {
  if (expect.entries.size === 0) {
    const fields = Object.keys(checksField.items.fields.expect.fields).join(", ");
    report(expect.at, { code: "missing", ...explain("manifest/empty-expectation", { place, fields }) });
  }
  const pattern = valueAt(expect, "pattern");
  const reason = pattern && !isBroken(pattern) ? findPatternFault(textOf(pattern)) : undefined;
  if (pattern && reason !== undefined) {
    const problem = explain("manifest/pattern", { place: `${place}.pattern`, reason });
    report(pattern.at, { code: "malformed", ...problem });
  }
  const schema = mappingAt(expect, "schema");
  if (schema && !isBroken(schema)) await reportSchema(schema, `${place}.schema`, report);
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

async function reportSchema(schema: Mapping, place: string, report: Report): Promise<void> {
  // Few projects have such a schema, and loading its compiler takes time.
  const { compileReplySchema, SchemaFault } = await import("../core/reply-schema.ts");
  try {
    compileReplySchema(toJson(schema) as Values);
  } catch (error) {
    if (!(error instanceof SchemaFault)) throw error;
    // The reason may quote a part of the schema.
    const isHidden = isFromEnvironment(schema);
    for (const { message: reason, path } of error.faults) {
      const values = { place: [place, ...path].join("."), reason };
      const problem = explain(isHidden ? "manifest/check-schema-hidden" : "manifest/check-schema", values);
      report(nodeAt(schema, path).node.at, { code: "malformed", ...problem });
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
