import { createInterface } from "node:readline";
import type { Planned } from "../commands/plan.ts";
import { repeatCommand } from "../core/command-line.ts";
import { explain, say } from "../messages/text.ts";
import { printable } from "../report/escape-control.ts";
import { ExitCode, UsageError } from "./exit-code.ts";
import type { Io } from "./io.ts";
import type { ApplyingOptions, CommonOptions } from "./options.ts";
import type { Session } from "./session.ts";

/** The approval options of a run. */
export type Approval = CommonOptions &
  Pick<ApplyingOptions, "autoApprove" | "confirmEnvironment" | "format"> & {
    /** A saved plan is approved by naming it. */
    readonly planFile?: string | undefined;
    /** The number of removals was typed, which no "yes" has to follow. */
    readonly counted?: boolean | undefined;
    /** The command's name in messages. */
    readonly command: "apply" | "destroy" | "promote" | "rollback";
  };

/**
 * Throws {@link UsageError}, before any work is done, when approval is needed and there is no terminal to ask
 * on.
 */
export function requireApproval(session: Session, approval: Approval): void {
  if (approval.autoApprove || approval.planFile !== undefined) return;
  const { command, format } = approval;
  if (format === "text" && canAsk(session.io)) return;
  const key = format === "json" ? "cli/approval-needed-json" : "cli/approval-needed-terminal";
  throw unapproved({
    message: say(key, { command }),
    hint: say(`cli/approve-${command}`, { commandLine: repeatCommand(command, "--auto-approve") }),
  });
}

const unapproved = (problem: ConstructorParameters<typeof UsageError>[0]): UsageError =>
  new UsageError(problem, ExitCode.failed);

/** Asks for approval of a plan that was shown. */
export async function approve(session: Session, planned: Planned, approval: Approval): Promise<boolean> {
  const { environment, environmentName } = planned.project;
  checkName(environmentName, approval);
  if (environment.protect) return confirmEnvironment(session, environmentName, approval);
  if (approval.autoApprove || approval.counted || approval.planFile !== undefined) return true;
  const key = `cli/confirm-${planned.refreshOnly ? "refresh" : verbOf(approval)}` as const;
  const question = approval.emulator ? say(`${key}-emulator`) : say(key, { environment: environmentName });
  return (await ask(session, question)) === "yes";
}

const verbOf = ({ command }: Approval) => (command === "destroy" ? "destroy" : "apply");

/** A protected environment has to be confirmed by its name, also with --auto-approve. */
async function confirmEnvironment(session: Session, environment: string, approval: Approval) {
  if (approval.confirmEnvironment !== undefined) return true;
  if (approval.format === "json" || !canAsk(session.io)) {
    throw unapproved(explain("cli/protected", { environment }));
  }
  const name = await ask(session, say(`cli/protected-type-name-${verbOf(approval)}`, { environment }));
  if (name && name !== environment) {
    throw unapproved({ message: say("cli/wrong-environment-typed", { name, environment }) });
  }
  return name === environment;
}

/** A wrong --confirm-environment is an error, also for an environment that isn't protected. */
function checkName(environment: string, { confirmEnvironment: name }: Approval): void {
  if (name === undefined || name === environment) return;
  throw unapproved(explain("cli/wrong-environment", { name, environment }));
}

/** Whether the user sees the plan on a terminal and can answer there. */
const canAsk = ({ stdin, stdout, stderr }: Io): boolean =>
  [stdin, stdout, stderr].every(({ isTTY }) => isTTY === true);

/** Whether the number of removals can be typed. */
export const canCount = ({ io }: Session, { format }: Pick<Approval, "format">): boolean =>
  format === "text" && canAsk(io);

/** Asks for the number of everything that goes; undefined when something else is typed. */
export async function askForCount(session: Session, count: number): Promise<number | undefined> {
  const typed = await ask(session, say("cli/confirm-removals", { count }));
  return typed !== undefined && /^\d+$/u.test(typed) ? Number(typed) : undefined;
}

/** Asks a question on standard error; undefined when the input ends without an answer. */
export function ask({ io, interruption }: Session, question: string): Promise<string | undefined> {
  // As a plain stream, so that the terminal edits the line and Ctrl-C reaches the process.
  const lines = createInterface({ input: io.stdin, terminal: false });
  io.stderr.write(printable(`\n${question} `));
  const endLine = (): void => {
    io.stderr.write("\n");
  };
  const answered = interruption.beforeStop(endLine);
  return new Promise((resolve) => {
    let answer: string | undefined;
    lines.once("line", (line) => {
      answer = line.trim();
      lines.close();
    });
    // Reading a closed terminal fails.
    lines.once("error", () => lines.close());
    lines.once("close", () => {
      answered();
      if (answer === undefined) endLine();
      resolve(answer);
    });
  });
}
