import { createInterface } from "node:readline";
import type { Planned } from "../commands/plan.ts";
import { printable } from "../report/escape-control.ts";
import { ExitCode, UsageError } from "./exit-code.ts";
import type { Io } from "./io.ts";
import type { ApplyingOptions, CommonOptions } from "./options.ts";
import type { Session } from "./session.ts";

/** What was said beforehand about whether to go ahead. */
export type Approval = CommonOptions &
  Pick<ApplyingOptions, "autoApprove" | "confirmEnvironment" | "format"> & {
    /** A saved plan was approved by naming it. */
    readonly planFile?: string;
    /** The command, for messages. */
    readonly command: "apply" | "destroy" | "promote";
  };

/** What can be approved by naming it, in place of --auto-approve. */
const savedInstead = {
  apply: ", or apply a plan saved with plan --out",
  promote: ", or apply a plan saved with --out",
  destroy: "",
} as const;

/** Throws when there will be nobody to ask, before any work is done. */
export function requireApproval(session: Session, approval: Approval): void {
  if (approval.autoApprove || approval.planFile !== undefined) return;
  const { command, format } = approval;
  if (format === "text" && canAsk(session.io)) return;
  const reason = format === "json" ? "--format json asks nothing" : "there is no terminal to ask on";
  const hint = `look at the plan, then run cozeform ${command} --auto-approve${savedInstead[command]}`;
  throw new UsageError(`${command} needs an approval, and ${reason}`, hint, ExitCode.failed);
}

/** Whether to go ahead with a plan that was shown. */
export async function approve(session: Session, planned: Planned, approval: Approval): Promise<boolean> {
  const { environment, environmentName } = planned.project;
  checkName(environmentName, approval);
  if (environment.protect) return confirmEnvironment(session, environmentName, approval);
  if (approval.autoApprove || approval.planFile !== undefined) return true;
  const question = approval.command === "destroy" ? "Remove all of this from" : "Apply these changes to";
  const where = approval.emulator ? "the embedded emulator" : `environment ${environmentName}`;
  return (await ask(session, printable(`\n${question} ${where}? Only 'yes' is accepted: `))) === "yes";
}

/** A protected environment is confirmed by its name, whatever else was approved. */
async function confirmEnvironment(session: Session, name: string, approval: Approval): Promise<boolean> {
  if (approval.confirmEnvironment !== undefined) return true;
  if (approval.format === "json" || !canAsk(session.io)) {
    const hint = `add --confirm-environment ${name}`;
    throw new UsageError(`environment ${name} is protected`, hint, ExitCode.failed);
  }
  const question = `\nEnvironment ${name} is protected. Type its name to ${approval.command === "destroy" ? "remove all of this" : "apply these changes"}: `;
  const typed = await ask(session, printable(question));
  if (typed && typed !== name) {
    const message = `${typed} isn't the environment's name, which is ${name}. Nothing was changed.`;
    throw new UsageError(message, undefined, ExitCode.failed);
  }
  return typed === name;
}

/** A name that was given has to be right, also where none was asked for. */
function checkName(name: string, { confirmEnvironment: given }: Approval): void {
  if (given === undefined || given === name) return;
  throw new UsageError(
    `--confirm-environment: ${given} isn't the environment's name. Nothing was changed.`,
    `the environment is ${name}; if that is the one you mean, say --confirm-environment ${name}`,
    ExitCode.failed,
  );
}

/** Whether there is somebody to ask, who also sees the plan. */
const canAsk = ({ stdin, stdout, stderr }: Io): boolean =>
  [stdin, stdout, stderr].every(({ isTTY }) => isTTY === true);

/** Asks on the terminal, beside the results; undefined when the input ends without an answer. */
export function ask({ io, interruption }: Session, question: string): Promise<string | undefined> {
  // As a plain stream: the terminal itself edits the line, and Ctrl-C reaches the process.
  const lines = createInterface({ input: io.stdin, terminal: false });
  io.stderr.write(question);
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
    // A terminal that was closed can't be read.
    lines.once("error", () => lines.close());
    lines.once("close", () => {
      answered();
      if (answer === undefined) endLine();
      resolve(answer);
    });
  });
}
