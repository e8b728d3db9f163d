import { describeReason } from "../core/system-error.ts";
import type { Effect } from "./command.ts";
import { ExitCode } from "./exit-code.ts";
import type { OutputLoss } from "./guarded-io.ts";

/** What a run ends with, and what is left to say. */
export interface Farewell {
  readonly exitCode: ExitCode;
  /** A line for standard error. */
  readonly text?: string;
}

/** The command that runs: its name, as `state mv`, and its effect. */
interface RunningCommand {
  readonly name: string;
  readonly effect: Effect;
}

/** Decides what the loss of an output does to a run. */
export interface LossWatch {
  /** Resolves when a command loses an output without which it has nothing to do. */
  readonly abandoned: Promise<Farewell>;
  note(loss: OutputLoss): void;
  /** Until then it is a command that only reads, such as `--help`. */
  begin(command: RunningCommand): void;
  /** Takes down in a sentence how far the run got, in case that can't be read on the lost output. */
  noteOutcome(text: string): void;
  /** What an interruption says while the output of finished work still waits for its reader; undefined: as ever. */
  describeUnread(exitCode: ExitCode): string | undefined;
  /** What a run ends with that went through to its end; undefined where it is `abandoned`. */
  conclude(exitCode: ExitCode): Farewell | undefined;
}

/** Watches the outputs of one command line. */
export function watchLosses(): LossWatch {
  let command: RunningCommand = { name: "cozeform", effect: "reads" };
  let first: OutputLoss | undefined;
  let outcome: string | undefined;
  let abandon: (farewell: Farewell) => void = () => {};
  const abandoned = new Promise<Farewell>((resolve) => {
    abandon = resolve;
  });
  const describeEnd = (exitCode: ExitCode): string =>
    outcome ?? (exitCode === ExitCode.done ? "Done." : "It ended with the error above.");
  return {
    abandoned,
    note(loss) {
      first ??= loss;
      if (command.effect === "reads") abandon(abandonReading(first));
    },
    begin(started) {
      command = started;
    },
    noteOutcome(text) {
      outcome = text;
    },
    describeUnread: (exitCode) =>
      command.effect === "changes"
        ? `Interrupted before all output was read; ${command.name} had ended. ${describeEnd(exitCode)}`
        : undefined,
    conclude(exitCode) {
      if (!first || command.effect === "serves") return { exitCode };
      if (command.effect === "reads") return undefined;
      const text = `error: ${describeLoss(first)}; ${command.name} went on without it. ${describeEnd(exitCode)}\n`;
      return { exitCode: exitCode === ExitCode.done ? ExitCode.failed : exitCode, text };
    },
  };
}

/** A reader that went away wants nothing more, also no message; a disk that is full has to be told. */
const abandonReading = (loss: OutputLoss): Farewell =>
  isGone(loss)
    ? { exitCode: ExitCode.unread }
    : { exitCode: ExitCode.failed, text: `error: ${describeLoss(loss)}\n` };

/** A socket, which is what some programs connect in place of a pipe, says ECONNRESET. */
const isGone = (loss: OutputLoss): boolean =>
  isHungUp(loss) || ["EPIPE", "ECONNRESET"].includes(codeOf(loss.error));

/** A terminal that was closed says EIO; a disk says that when it is broken. */
const isHungUp = ({ terminal, error }: OutputLoss): boolean => terminal && codeOf(error) === "EIO";

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | undefined)?.code ?? "";

function describeLoss(loss: OutputLoss): string {
  if (isHungUp(loss)) return "the terminal was closed";
  if (isGone(loss)) return `${loss.output} was closed`;
  return `${loss.output} can't be written: ${describeReason(loss.error)}`;
}
