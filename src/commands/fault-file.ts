import type { OwnSchema } from "../core/compile-schema.ts";
import { proposeWord } from "../core/suggestions.ts";
import { type FaultRule, faultFileSchema, operationNames, operationWords } from "../emulator/index.ts";
import type { Report } from "../manifest/problems.ts";
import { createValidator } from "../manifest/schema/validate.ts";
import { type Mapping, type SourceNode, textOf, valueAt } from "../manifest/yaml/source-tree.ts";
import { explain, say } from "../messages/text.ts";
import { readOptionFile } from "./option-file.ts";

/** The schema of a file of faults. */
export const faultsSchema: OwnSchema = { $id: "fault-file", ...faultFileSchema };

/**
 * Reads the rules of a file of faults, YAML or JSON. Throws `InvalidInput` with all its problems and their locations.
 * `file` is the file's name in messages.
 */
export async function readFaultFile(location: string, file = location): Promise<readonly FaultRule[]> {
  const { value } = await readOptionFile<{ readonly faults: readonly FaultRule[] }>(location, {
    file,
    notMap: explain("commands/faults-not-map"),
    second: explain("commands/faults-second"),
    check,
  });
  return value.faults;
}

function check(root: Mapping, report: Report): void {
  createValidator("fault-file", () => faultsSchema)(root, report);
  const rules = valueAt(root, "faults");
  for (const [index, rule] of (rules?.type === "list" ? rules.items : []).entries()) {
    checkOperations(valueAt(rule, "operation"), report);
    checkMoments(valueAt(rule, "calls"), `faults[${index}].calls`, report);
  }
}

function checkOperations(node: SourceNode | undefined, report: Report): void {
  for (const one of node?.type === "list" ? node.items : [node]) {
    const name = textOf(one);
    const known = [...operationWords, ...operationNames];
    if (!one || name === undefined || known.includes(name)) continue;
    const message = say("commands/operation-unknown", { operation: JSON.stringify(name) });
    const hint = proposeWord(name, known, say("commands/operations"));
    report(one.at, { code: "unknown-word", message, hint });
  }
}

function checkMoments(calls: SourceNode | undefined, label: string, report: Report): void {
  const [from, until] = [valueAt(calls, "from_ms"), valueAt(calls, "until_ms")];
  if (from?.type !== "scalar" || until?.type !== "scalar" || Number(until.value) > Number(from.value)) return;
  const problem = explain("commands/moments-reversed", { calls: label, from: from.source });
  report(until.at, { code: "rule", ...problem });
}
