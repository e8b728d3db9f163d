import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { findProject } from "../../commands/find-project.ts";
import { packageFile } from "../../core/package-files.ts";
import { type CandidateSources, complete } from "../completion.ts";
import { ExitCode } from "../exit-code.ts";
import { projectOptions } from "../options.ts";
import type { Session } from "../session.ts";

/** The script that makes a shell ask cozeform for the next word. The shell itself completes file names. */
export const completionScript = (shell: string): string =>
  readFileSync(packageFile(`templates/completion/cozeform.${shell}`), "utf8");

/** Runs `completion`. */
export async function printScript(session: Session, _options: object, shell: string): Promise<ExitCode> {
  session.print(completionScript(shell));
  return ExitCode.done;
}

/** Prints the candidates for the last of the words; none when the project can't be read. */
export async function printCandidates(
  session: Session,
  program: Command,
  words: readonly string[],
): Promise<ExitCode> {
  const candidates = await complete(program, words, completionCandidates(session)).catch(() => []);
  const lines = candidates.map(
    ({ value, description }) => `${value}${description ? `\t${description}` : ""}\n`,
  );
  session.print(lines.join(""));
  return ExitCode.done;
}

/** Candidates from the project on the command line. What reads it is loaded for a word that needs it. */
const completionCandidates = (session: Session): CandidateSources => ({
  async addresses(directory, given, fromManifests) {
    const { listState } = await import("../../commands/state.ts");
    const { readProject } = await import("../../commands/project.ts");
    const place = await findQuietly(session, directory);
    const options = projectOptions(place, { color: false, logLevel: "error", ...given });
    const entries = await listState(session.host(), options).catch(() => []);
    const { resources = [] } = fromManifests ? await readProject(session.host(), options) : {};
    const all = [...entries, ...resources].map(({ address }) => address);
    return [...new Set(all)].sort();
  },
  async environments(directory) {
    const { listEnvironments } = await import("../../commands/environment-names.ts");
    const place = await findQuietly(session, directory);
    return listEnvironments(place.directory);
  },
  async schemas() {
    const { writeSchemas } = await import("../../commands/schema.ts");
    return Object.keys(writeSchemas()).map((file) => file.replace(/\.schema\.json$/, ""));
  },
});

/** The project of a command line that is being written; nothing is logged. */
const findQuietly = (session: Session, dir: string | undefined): Promise<{ readonly directory: string }> =>
  findProject({ cwd: session.io.cwd, dir, env: session.io.env });
