import path from "node:path";
import { InvalidInput, isError } from "../core/diagnostic.ts";
import { type FaultRule, faultFileSchema, operationNames, operationWords } from "../emulator/index.ts";
import { collectDiagnostics, type Report } from "../manifest/codes.ts";
import { openFiles } from "../manifest/files.ts";
import { proposeWord } from "../manifest/nearest.ts";
import { openSources } from "../manifest/sources.ts";
import { createValidator } from "../manifest/validate.ts";
import { type Mapping, textOf, toJson, valueAt, type Written } from "../manifest/written.ts";
import { requireFile } from "./named-file.ts";

/**
 * Reads the rules of a file of faults, YAML or JSON; throws {@link InvalidInput} with every problem in it, each
 * at its place. `file` is what it is called in them, beside where it is.
 */
export async function readFaultFile(location: string, file = location): Promise<readonly FaultRule[]> {
  await requireFile(location, file);
  const { report: collect, diagnostics } = collectDiagnostics();
  const report: Report = (at, complaint) => collect(at && { ...at, file }, complaint);
  const name = path.basename(location);
  const sources = openSources(openFiles(path.dirname(location)), report);
  const [first, second] = await sources.read(name);
  if (second) {
    const hint = "put its rules into the list of the first one";
    report(second.root.at, { code: "malformed", message: "a file of faults has one document", hint });
  }
  if (first && !first.damaged) check(first.root, report);
  else if (!first && sources.texts.has(name)) reportNoRules({ file, line: 1, column: 1 }, report);
  const found = [...diagnostics];
  if (found.some(isError) || !first) {
    throw new InvalidInput(found, new Map([...sources.texts.values()].map((text) => [file, text])));
  }
  // The schema has made sure.
  return (toJson(first.root) as unknown as { readonly faults: readonly FaultRule[] }).faults;
}

function check(root: Written, report: Report): void {
  if (root.type !== "map") reportNoRules(root.at, report);
  else checkMap(root, report);
}

function checkMap(root: Mapping, report: Report): void {
  createValidator(faultFileSchema)(root, report);
  const rules = valueAt(root, "faults");
  for (const [index, rule] of (rules?.type === "list" ? rules.items : []).entries()) {
    checkOperations(valueAt(rule, "operation"), report);
    checkMoments(valueAt(rule, "calls"), `faults[${index}].calls`, report);
  }
}

function reportNoRules(at: Written["at"], report: Report): void {
  const hint = "begin with faults: and below it - {operation: create_bot, fault: drop}";
  report(at, { code: "wrong-type", message: "a file of faults is a map with the list faults", hint });
}

function checkOperations(node: Written | undefined, report: Report): void {
  for (const one of node?.type === "list" ? node.items : [node]) {
    const name = textOf(one);
    const known = [...operationWords, ...operationNames];
    if (!one || name === undefined || known.includes(name)) continue;
    const message = `there is no operation ${JSON.stringify(name)}`;
    report(one.at, { code: "unknown-word", message, hint: proposeWord(name, known, "operations") });
  }
}

function checkMoments(calls: Written | undefined, label: string, report: Report): void {
  const [from, until] = [valueAt(calls, "from_ms"), valueAt(calls, "until_ms")];
  if (from?.type !== "scalar" || until?.type !== "scalar" || Number(until.value) > Number(from.value)) return;
  const message = `${label}.until_ms isn't after from_ms, so that no call is met`;
  report(until.at, { code: "rule", message, hint: `give more than ${from.source}` });
}
