import { resolve } from "node:path";
import { parseEnv } from "node:util";
import type { Host } from "../commands/host.ts";
import { readTrust, type Trust, trustVariables } from "../commands/trust.ts";
import { readUserConfig } from "../commands/user-config.ts";
import { describeReason } from "../core/system-error.ts";
import { proxyVariables } from "../coze/http/proxy.ts";
import { readFileGuarded, UnfitFile } from "../files/guarded-reading.ts";
import { explain, say } from "../messages/text.ts";
import { UsageError } from "./exit-code.ts";
import type { Io } from "./io.ts";

/**
 * The runner's environment and trust. Variables of `--env-file` join the environment and add no trust. Throws
 * {@link UsageError} for a file that can't be read, or that sets trust or a proxy.
 */
export function readRunnerEnvironment(
  { env: whole, cwd }: Io,
  envFile: string | undefined,
): Required<Pick<Host, "env" | "runnerEnv" | "trust">> {
  const given = envFile === undefined ? {} : readEnvFile(resolve(cwd, envFile), envFile);
  const names = Object.keys(given);
  // Node 20 reads an option of this name itself and adds the missing variables to the environment.
  const env = Object.fromEntries(Object.entries(whole).filter(([name, value]) => given[name] !== value));
  const trust = async (directory: string): Promise<Trust> => {
    const config = await readUserConfig(env, directory);
    return readTrust({ env, given: names, cwd, config });
  };
  return { env: { ...env, ...given }, runnerEnv: env, trust };
}

/** Bytes. */
const largestFile = 2 ** 20;

/**
 * The variables of an `--env-file` in dotenv's format. `shown` is the file's name in messages. Throws
 * {@link UsageError} when the file can't be read, or sets a variable that grants trust or names a proxy.
 */
function readEnvFile(file: string, shown: string): { readonly [name: string]: string } {
  let text: string;
  try {
    text = readFileGuarded(file, { most: largestFile, links: "follow" }).toString();
  } catch (error) {
    const reason =
      error instanceof UnfitFile ? say("common/it-is", { what: error.what }) : describeReason(error);
    throw new UsageError(explain("cli/env-file-unreadable", { file: shown, reason }));
  }
  const variables = parseEnv(text) as { readonly [name: string]: string };
  const { endpoint: _, ...allowances } = trustVariables;
  // With a proxy of its choice and a certificate for it, a file could have the token sent to another server.
  const variable = [...Object.values(allowances), ...proxyVariables].find((name) => name in variables);
  if (variable === undefined) return variables;
  throw new UsageError(explain("cli/env-file-trust", { file: shown, variable }));
}
