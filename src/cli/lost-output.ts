import { describeReason, systemCodeOf } from "../core/system-error.ts";
import { say } from "../messages/text.ts";
import type { Effect } from "./command.ts";
import { ExitCode } from "./exit-code.ts";
import type { OutputLoss } from "./guarded-io.ts";

/** The exit code of a run and its last message. */
export interface RunEnd {
  readonly exitCode: ExitCode;
  /** A line for standard error. */
  readonly text?: string;
}

/** The running command: its name, such as `state mv`, and its effect. */
interface RunningCommand {
  readonly name: string;
  readonly effect: Effect;
}

/** Decides how a run reacts to a lost output. */
export interface LossWatch {
  /** Resolves when a command that only reads loses an output. */
  readonly abandoned: Promise<RunEnd>;
  note(loss: OutputLoss): void;
  /** Names the command; until then the run counts as one that only reads, such as `--help`. */
  begin(command: RunningCommand): void;
  /** Keeps a sentence on the outcome of the run, for the case that its output is lost. */
  noteOutcome(text: string): void;
  /**
   * The message of an interruption while finished work still waits for its output to be read; undefined: the
   * usual one.
   */
  describeUnread(exitCode: ExitCode): string | undefined;
  /** The end of a run that completed; undefined when it was `abandoned`. */
  conclude(exitCode: ExitCode): RunEnd | undefined;
}

/** Watches the outputs of one command line. */
export function watchLosses(): LossWatch {
  let command: RunningCommand = { name: "cozeform", effect: "reads" };
  let first: OutputLoss | undefined;
  let outcome: string | undefined;
  let endReading: (end: RunEnd) => void = () => {};
  const abandoned = new Promise<RunEnd>((resolve) => {
    endReading = resolve;
  });
  const describeEnd = (exitCode: ExitCode): string =>
    outcome ?? say(exitCode === ExitCode.done ? "cli/done" : "cli/ended-with-error");
  return {
    abandoned,
    note(loss) {
      first ??= loss;
      if (command.effect === "reads") endReading(abandonReading(first));
    },
    begin(started) {
      command = started;
    },
    noteOutcome(text) {
      outcome = text;
    },
    describeUnread: (exitCode) =>
      command.effect === "changes"
        ? say("cli/interrupted-unread", { command: command.name, outcome: describeEnd(exitCode) })
        : undefined,
    conclude(exitCode) {
      if (!first || command.effect === "serves") return { exitCode };
      if (command.effect === "reads") return undefined;
      const values = { loss: describeLoss(first), command: command.name, outcome: describeEnd(exitCode) };
      const text = errorLine(say("cli/output-lost", values));
      return { exitCode: exitCode === ExitCode.done ? ExitCode.failed : exitCode, text };
    },
  };
}

/** A reader that closed the pipe needs no message. A full disk is an error. */
const abandonReading = (loss: OutputLoss): RunEnd =>
  isGone(loss)
    ? { exitCode: ExitCode.unread }
    : { exitCode: ExitCode.failed, text: errorLine(describeLoss(loss)) };

const errorLine = (text: string): string => `${[say("common/error"), text].join(" ")}\n`;

/** A socket, which some programs use instead of a pipe, fails with ECONNRESET. */
const isGone = (loss: OutputLoss): boolean =>
  isHungUp(loss) || ["EPIPE", "ECONNRESET"].includes(systemCodeOf(loss.error));

/** A closed terminal fails with EIO, and so does a broken disk. */
const isHungUp = ({ terminal, error }: OutputLoss): boolean => terminal && systemCodeOf(error) === "EIO";

function describeLoss(loss: OutputLoss): string {
  if (isHungUp(loss)) return say("cli/terminal-closed");
  const output = say(loss.output === "stdout" ? "cli/standard-output" : "cli/standard-error");
  return isGone(loss)
    ? say("cli/output-closed", { output })
    : say("cli/output-failed", { output, reason: describeReason(loss.error) });
}
