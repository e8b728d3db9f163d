import { Argument } from "commander";
import { say } from "../../messages/text.ts";
import type { CommandRunner } from "../command.ts";
import type { Command } from "../help.ts";

export const shells = ["bash", "zsh", "fish"] as const;

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
    .action(start("reads", async () => (await import("../actions/completion.ts")).printScript));
  // The scripts call this for the candidates of the next word.
  program
    .command("__complete", { hidden: true })
    .argument("[words...]")
    .action(
      start("reads", async () => {
        const { printCandidates } = await import("../actions/completion.ts");
        return (session, _options, words: readonly string[]) => printCandidates(session, program, words);
      }),
    );
}
