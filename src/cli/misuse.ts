import { say } from "../messages/text.ts";
import type { Problem } from "./json-errors.ts";

/** Words commander's message about the command line like all other errors. */
export function explainMisuse(text: string): Pick<Problem, "message" | "hint"> {
  const [said = "", word] = text.trimEnd().split(/\n\(Did you mean (.*)\?\)$/);
  const message = hideSecrets(said.replace(/^error: /, ""));
  for (const [pattern, key] of texts) {
    const { advice, ...values } = pattern.exec(message)?.groups ?? {};
    if (Object.keys(values).length === 0) continue;
    const hint = word === undefined ? wordAdvice(advice) : say("common/did-you-mean", { word });
    return { message: say(key, { ...noValues, ...values }), hint };
  }
  return { message };
}

/** An address may contain a password or a token. */
const hideSecrets = (message: string): string =>
  message.replace(/(https?:\/\/)[^\s/@']*@/, "$1…@").replace(/\?[^']*(?=' is invalid)/, "?…");

/** Commander's messages and ours; the groups of a pattern are the values of its text. */
const texts = [
  [/^unknown option '(?<option>.*)'$/s, "cli/unknown-option"],
  [/^unknown command '(?<command>.*)'$/s, "cli/unknown-command"],
  [/^missing required argument '(?<argument>.*)'$/, "cli/missing-argument"],
  [/^option '(?<option>.*)' argument missing$/, "cli/missing-value"],
  [
    /^too many arguments for '(?<command>.*)'\. Expected (?<most>\d+) arguments? but got (?<given>\d+)\.$/,
    "cli/too-many-arguments",
  ],
  // The argument may be a secret: a variable's value without its name.
  [/^option '(?<option>--var [^']*)' argument '.{8,}' is invalid\. (?<advice>.*)$/s, "cli/invalid-var"],
  [/^option '(?<option>[^']*)' argument '(?<value>.*)' is invalid\. (?<advice>.*)$/s, "cli/invalid-value"],
  [
    /^command-argument value '(?<value>.*)' is invalid for argument '(?<argument>.*)'\. (?<advice>.*)$/s,
    "cli/invalid-argument",
  ],
] as const;

const noValues = { option: "", command: "", argument: "", value: "", most: "", given: "" };

/** The hint for a wrong value: the choices, or the text of our `InvalidArgumentError`. */
function wordAdvice(advice: string | undefined): string | undefined {
  const [, choices] = /^Allowed choices are (.*)\.$/s.exec(advice ?? "") ?? [];
  return choices === undefined ? advice : say("cli/allowed-choices", { choices });
}
