import { createInterface } from "node:readline";
import type { Planned } from "../commands/plan.ts";
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
    /** The command's name in messages. */
    readonly command: "apply" | "destroy" | "promote";
  };

/** The alternative to --auto-approve in hints. */
const savedInstead = {
  apply: ", or apply a plan saved with plan --out",
  promote: ", or apply a plan saved with --out",
  destroy: "",
} as const;

/**
 * Throws {@link UsageError}, before any work is done, when approval is needed and there is no terminal to ask
 * on.
 */
export function requireApproval(session: Session, approval: Approval): void {
  if (approval.autoApprove || approval.planFile !== undefined) return;
  const { command, format } = approval;
  if (format === "text" && canAsk(session.io)) return;
  const reason = format === "json" ? "--format json asks nothing" : "there is no terminal to ask on";
  const hint = `look at the plan, then run cozeform ${command} --auto-approve${savedInstead[command]}`;
  throw new UsageError(`${command} needs an approval, and ${reason}`, hint, ExitCode.failed);
}

/** Asks for approval of a plan that was shown. */
export async function approve(session: Session, planned: Planned, approval: Approval): Promise<boolean> {
  const { environment, environmentName } = planned.project;
  checkName(environmentName, approval);
  if (environment.protect) return confirmEnvironment(session, environmentName, approval);
  if (approval.autoApprove || approval.planFile !== undefined) return true;
  const question = approval.command === "destroy" ? "Remove all of this from" : "Apply these changes to";
  const where = approval.emulator ? "the embedded emulator" : `environment ${environmentName}`;
  return (await ask(session, printable(`\n${question} ${where}? Only 'yes' is accepted: `))) === "yes";
}

/** A protected environment has to be confirmed by its name, also with --auto-approve. */
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

/** A wrong --confirm-environment is an error, also for an environment that isn't protected. */
function checkName(name: string, { confirmEnvironment: given }: Approval): void {
  if (given === undefined || given === name) return;
  throw new UsageError(
    `--confirm-environment: ${given} isn't the environment's name. Nothing was changed.`,
    `the environment is ${name}; if that is the one you mean, say --confirm-environment ${name}`,
    ExitCode.failed,
  );
}

/** Whether the user sees the plan on a terminal and can answer there. */
const canAsk = ({ stdin, stdout, stderr }: Io): boolean =>
  [stdin, stdout, stderr].every(({ isTTY }) => isTTY === true);

/** Asks on standard error; undefined when the input ends without an answer. */
export function ask({ io, interruption }: Session, question: string): Promise<string | undefined> {
  // As a plain stream, so that the terminal edits the line and Ctrl-C reaches the process.
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
    // Reading a closed terminal fails.
    lines.once("error", () => lines.close());
    lines.once("close", () => {
      answered();
      if (answer === undefined) endLine();
      resolve(answer);
    });
  });
}
