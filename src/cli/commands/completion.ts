import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Argument } from "commander";
import { parse } from "yaml";
import { findProject, findProjectFile } from "../../commands/find-project.ts";
import { readProject } from "../../commands/project.ts";
import { writeSchemas } from "../../commands/schema.ts";
import { listState } from "../../commands/state.ts";
import { isObject } from "../../core/value.ts";
import { readFileGuarded } from "../../files/guarded-reading.ts";
import { say } from "../../messages/text.ts";
import type { CommandRunner } from "../command.ts";
import { type CandidateSources, complete } from "../completion.ts";
import { ExitCode } from "../exit-code.ts";
import type { Command } from "../help.ts";
import { projectOptions } from "../options.ts";
import type { Session } from "../session.ts";

export const shells = ["bash", "zsh", "fish"] as const;

type Shell = (typeof shells)[number];

/** The script that makes a shell ask cozeform for the next word. The shell itself completes file names. */
export const completionScript = (shell: Shell): string =>
  readFileSync(new URL(`../../../templates/completion/cozeform.${shell}`, import.meta.url), "utf8");

/** Declares `completion` and the hidden command that its scripts call. */
export function addCompletionCommand(program: Command, start: CommandRunner): void {
  program
    .command("completion")
    .addArgument(new Argument("<shell>", say("cli-help/argument-shell")).choices(shells))
    .description(say("cli-help/completion"))
    .examples(
      "source <(cozeform completion bash)",
      "source <(cozeform completion zsh)",
      "cozeform completion fish | source",
    )
    .action(
      start("reads", async (session, _options, shell: Shell) => {
        session.print(completionScript(shell));
        return ExitCode.done;
      }),
    );
  // The scripts call this for the candidates of the next word.
  program
    .command("__complete", { hidden: true })
    .argument("[words...]")
    .action(
      start("reads", async (session, _options, words: readonly string[]) => {
        const candidates = await complete(program, words, completionCandidates(session)).catch(() => []);
        const lines = candidates.map(
          ({ value, description }) => `${value}${description ? `\t${description}` : ""}\n`,
        );
        session.print(lines.join(""));
        return ExitCode.done;
      }),
    );
}

/** Candidates from the project on the command line; none when it can't be read. */
const completionCandidates = (session: Session): CandidateSources => ({
  async addresses(directory, given, fromManifests) {
    const place = await findQuietly(session, directory);
    const options = projectOptions(place, { color: false, logLevel: "error", ...given });
    const entries = await listState(session.host(), options).catch(() => []);
    const { resources = [] } = fromManifests ? await readProject(session.host(), options) : {};
    const all = [...entries, ...resources].map(({ address }) => address);
    return [...new Set(all)].sort();
  },
  async environments(directory) {
    const place = await findQuietly(session, directory);
    const project: unknown = parse(await readProjectText(place.directory), { logLevel: "silent" });
    return isObject(project) && isObject(project.environments) ? Object.keys(project.environments) : [];
  },
  schemas: () => Object.keys(writeSchemas()).map((file) => file.replace(/\.schema\.json$/, "")),
});

/** The project of a command line that is being written; nothing is logged. */
const findQuietly = (session: Session, dir: string | undefined): Promise<{ readonly directory: string }> =>
  findProject({ cwd: session.io.cwd, dir, env: session.io.env });

/** Bytes. */
const most = 16 * 2 ** 20;

async function readProjectText(directory: string): Promise<string> {
  try {
    const file = join(directory, (await findProjectFile(directory)) ?? "cozeform.yaml");
    return readFileGuarded(file, { most, links: "follow" }).toString();
  } catch {
    return "";
  }
}
