import { parseEnv } from "node:util";
import { trustVariables } from "../commands/trust.ts";
import { describeReason } from "../core/system-error.ts";
import { readFileGuarded, UnfitFile } from "../files/guarded-reading.ts";
import { UsageError } from "./exit-code.ts";

/** Bytes. */
const most = 2 ** 20;

/**
 * The variables of an `--env-file` in dotenv's format. `shown` is the file's name in messages. Throws
 * {@link UsageError} when the file can't be read, or sets a variable that grants trust.
 */
export function readEnvFile(file: string, shown: string): { readonly [name: string]: string } {
  let text: string;
  try {
    text = readFileGuarded(file, { most, links: "follow" }).toString();
  } catch (error) {
    const why = error instanceof UnfitFile ? `it is ${error.what}` : describeReason(error);
    throw new UsageError(
      `--env-file: ${shown} can't be read: ${why}`,
      "name a file of lines such as NAME=value",
    );
  }
  const variables = parseEnv(text) as { readonly [name: string]: string };
  const { endpoint: _, ...allowances } = trustVariables;
  const widening = Object.values(allowances).find((name) => name in variables);
  if (widening === undefined) return variables;
  throw new UsageError(
    `--env-file: ${shown} sets ${widening}, which only the environment itself can`,
    `take it out of the file, and set ${widening} where cozeform is started`,
  );
}
