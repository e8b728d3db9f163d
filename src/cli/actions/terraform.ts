import { openTofuHost } from "../../commands/provider-source.ts";
import { type Installed, installProvider } from "../../commands/terraform.ts";
import { shellQuote } from "../../core/command-line.ts";
import { say } from "../../messages/text.ts";
import { printable } from "../../report/escape-control.ts";
import { ExitCode, UsageError } from "../exit-code.ts";
import type { Session } from "../session.ts";

interface InstallCommandOptions {
  readonly dir?: string;
  readonly host: string;
}

/** Runs `terraform install`; `excess`: the arguments, which it has none of. */
export async function runInstall(
  session: Session,
  { dir, host }: InstallCommandOptions,
  excess: readonly string[],
): Promise<ExitCode> {
  refuseArguments(excess);
  const installed = await installProvider({
    host,
    env: session.io.env,
    workingDirectory: session.path("."),
    directory: dir === undefined ? undefined : session.path(dir),
  });
  session.print(printable(describeInstalled(installed)));
  return ExitCode.done;
}

/** The argument is probably meant as the folder. */
function refuseArguments({ length: given }: readonly string[]): void {
  if (given === 0) return;
  throw new UsageError({
    message: say("cli/too-many-arguments", { command: "install", most: 0, given }),
    hint: say("cli/terraform-install-arguments.hint"),
  });
}

function describeInstalled(installed: Installed): string {
  const { source: provider, version, directory, outcome } = installed;
  const blocks = [
    say(`cli/provider-${outcome}`, { provider, version, directory }),
    say("cli/provider-requirement"),
    requirement(installed),
    ...adviseOnConfiguration(installed),
    ...adviseOnLock(installed),
    nextLine(installed),
  ];
  return `${blocks.join("\n\n")}\n`;
}

const requirement = ({ source, version }: Installed): string => `terraform {
  required_providers {
    coze = {
      source  = ${JSON.stringify(source)}
      version = ${JSON.stringify(version)}
    }
  }
}`;

/** The configuration that takes the provider from its folder and leaves all others where they are. */
function adviseOnConfiguration({ overruledBy, plugins, source }: Installed): readonly string[] {
  if (!overruledBy) return [];
  const { file, others } = overruledBy;
  const pattern = JSON.stringify([source]);
  return [
    say("cli/provider-overruled", { file }),
    say("cli/provider-include"),
    `  filesystem_mirror {\n    path    = ${JSON.stringify(plugins)}\n    include = ${pattern}\n  }`,
    ...(others.length === 0
      ? []
      : [say("cli/provider-exclude", { methods: others.join(", ") }), `    exclude = ${pattern}`]),
  ];
}

/**
 * The lock file records the other build's checksum, and neither `init -upgrade` nor a new plan updates it.
 */
function adviseOnLock({ outcome, plugins, source, host }: Installed): readonly string[] {
  if (outcome !== "replaced") return [];
  return [
    say("cli/provider-relock"),
    `${programOf(host)} providers lock \\\n  -fs-mirror=${shellQuote(plugins)} \\\n  ${source}`,
  ];
}

/** Terraform doesn't search other folders by itself. */
function nextLine({ host, plugins, found }: Installed): string {
  const init = `${programOf(host)} init`;
  return say("cli/next", { command: found ? init : `${init} \\\n  -plugin-dir=${shellQuote(plugins)}` });
}

const programOf = (host: string): string => (host === openTofuHost ? "tofu" : "terraform");
