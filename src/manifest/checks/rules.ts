import { type Diagnostic, isError } from "../../core/diagnostic.ts";
import { proposeWord } from "../../core/suggestions.ts";
import { explain, say } from "../../messages/text.ts";
import { codes, type Problem, type Report, type Rule, rules } from "../problems.ts";
import { type RuleLevel, ruleLevels } from "../rule-levels.ts";
import { type Scalar, type SourceNode, textOf } from "../yaml/source-tree.ts";

/** The one rule that is always an error, and that a manifest may be allowed to break. */
export const secretRule = "secret-in-clear";

/** Whether a manifest can be allowed to break a rule of this name. */
export const isAllowable = (name: string): name is Rule | typeof secretRule =>
  name === secretRule || isRule(name);

const isRule = (name: string): name is Rule => rules.some((rule) => rule === name);

// They say what is wrong with a name or a rule of Coze; where a rule is asked for, they are words like any other.
const wordsForRules = ["rule", "unknown-rule"];

/** The problem of a name that is no rule; the hint proposes one of `known`. */
export function unknownRule(name: string, known: readonly string[]): Problem {
  const values = { name: JSON.stringify(name) };
  if (codes.some((code) => code === name && !wordsForRules.includes(name)))
    return { code: "unknown-rule", ...explain("manifest/fixed-rule", values) };
  const hint = proposeWord(name, known, "rules");
  return { code: "unknown-rule", message: say("manifest/unknown-rule", values), hint };
}

/** The levels that `checks` of a project file gives to rules; reports the names of others. */
export function readRuleLevels(node: SourceNode | undefined, report: Report): ReadonlyMap<string, RuleLevel> {
  const levels = new Map<string, RuleLevel>();
  for (const [name, { key, value }] of node?.type === "map" ? node.entries : []) {
    const level = ruleLevels.find((one) => one === textOf(value));
    if (name === secretRule) {
      if (level !== undefined && level !== "error")
        report(key, { code: "unknown-rule", ...explain("manifest/secret-rule", { level }) });
    } else if (!isRule(name)) report(key, unknownRule(name, [...rules, secretRule]));
    else if (level !== undefined) levels.set(name, level);
  }
  return levels;
}

/** Diagnostics as `checks` wants them; those of no rule stay as they are. */
export function applyRuleLevels(
  diagnostics: readonly Diagnostic[],
  levels: ReadonlyMap<string, RuleLevel>,
): readonly Diagnostic[] {
  if (levels.size === 0) return diagnostics;
  return diagnostics.flatMap((one): readonly Diagnostic[] => {
    // The same code may stand for an error that no one may pass over.
    const level = isError(one) ? undefined : levels.get(one.code);
    if (level === undefined || level === "warn") return [one];
    return level === "off" ? [] : [{ ...one, severity: "error" }];
  });
}

/** A scalar that was found to hold a secret, as if none had been looked for. */
export function admitSecret(scalar: Scalar): Scalar {
  if (!scalar.secret) return scalar;
  const { secret: _secret, broken: _broken, from, ...rest } = scalar;
  return from === "file" ? { ...rest, from } : rest;
}
