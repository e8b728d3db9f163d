import { Argument, type Command } from "commander";
import type { CommandRunner } from "../command-runner.ts";
import { complete } from "../completion.ts";
import { completionCandidates } from "../completion-candidates.ts";
import { completionScript, type Shell, shells } from "../completion-scripts.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit-code.ts";

/** Declares `completion`, and the hidden command that its scripts ask. */
export function addCompletionCommand(program: Command, start: CommandRunner): void {
  program
    .command("completion")
    .addArgument(new Argument("<shell>", "the shell to write for").choices(shells))
    .description("print a script that completes commands, options and addresses in a shell")
    .addHelpText(
      "after",
      examples(
        "source <(cozeform completion bash)",
        "source <(cozeform completion zsh)",
        "cozeform completion fish | source",
      ),
    )
    .action((shell: Shell, _options, self: Command) =>
      start(self, "reads", async (session) => {
        session.print(completionScript(shell));
        return ExitCode.done;
      }),
    );
  // The scripts ask here for the words that may stand next.
  program
    .command("__complete", { hidden: true })
    .argument("[words...]")
    .action((words: readonly string[], _options, self: Command) =>
      start(self, "reads", async (session) => {
        const candidates = await complete(program, words, completionCandidates(session)).catch(() => []);
        const lines = candidates.map(
          ({ value, description }) => `${value}${description ? `\t${description}` : ""}\n`,
        );
        session.print(lines.join(""));
        return ExitCode.done;
      }),
    );
}
