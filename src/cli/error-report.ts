import { ForeignHead, NotInstalled } from "../commands/machine-errors.ts";
import { Refused, StalePlan, TooFewCalls } from "../commands/refusals.ts";
import { parseAddress } from "../core/address.ts";
import { type Diagnostic, InvalidInput, isError } from "../core/diagnostic.ts";
import type { Failure } from "../core/failure.ts";
import { groupBy } from "../core/group.ts";
import { describeReason } from "../core/system-error.ts";
import { ConnectionLost, CozeError, hideQuoted } from "../coze/error-classes.ts";
import { WorldError } from "../emulator/world/world-error.ts";
import { ObserveError } from "../engine/failures.ts";
import { UnfitPlace } from "../files/guarded-writing.ts";
import { explain, say } from "../messages/text.ts";
import { type DiagnosticDrawing, formatLocation, renderDiagnostics } from "../report/diagnostics.ts";
import { printableLine } from "../report/escape-control.ts";
import { describeFailure } from "../report/events.ts";
import { groupRefusals, type RefusalGroup } from "../report/refusals.ts";
import { type Line, paintLines, plain, wrapLine } from "../report/styled-text.ts";
import { Locked } from "../state/lock.ts";
import { StateError } from "../state/model.ts";
import { ExitCode, UsageError } from "./exit-code.ts";
import { type Problem, problemOf } from "./json-errors.ts";
import { planningWords } from "./options.ts";

/** The message of an error, the exit code for it, and the same for programs. */
interface ErrorReport {
  readonly text: string;
  readonly exitCode: ExitCode;
  readonly problems: readonly Problem[];
}

/**
 * Describes an error and the next move; never a stack trace. `brief`: of several problems the text counts all and shows
 * the first, since standard output has them for programs.
 */
export function reportError(error: unknown, drawing: DiagnosticDrawing, brief = false): ErrorReport {
  if (error instanceof InvalidInput) {
    const { diagnostics, sources } = error;
    const text = brief
      ? renderBriefly(diagnostics, drawing)
      : renderDiagnostics(diagnostics, sources, drawing);
    return { text, exitCode: ExitCode.invalid, problems: diagnostics.map(problemOf) };
  }
  const described = describe(error);
  const { message, hint, code, exitCode = ExitCode.failed, facts = [{}] } = described;
  return {
    text: renderError(described, drawing),
    exitCode,
    problems: facts.map((one) => ({ severity: "error", code, message, hint, ...one })),
  };
}

/** The number of problems and the first one, in a line. */
export function renderBriefly(diagnostics: readonly Diagnostic[], drawing: DiagnosticDrawing): string {
  const [first] = [...diagnostics.filter(isError), ...diagnostics];
  if (!first) return "";
  const { at, message, hint } = first;
  const placed = at ? [formatLocation(at), message].join("  ") : message;
  const { length: count } = diagnostics;
  return count === 1
    ? renderError({ message: placed, hint }, drawing)
    : renderError({ message: say("cli/first-of-problems", { count, message: placed }) }, drawing);
}

/** An error as text, with its hint on a line of its own. */
export function renderError(
  {
    text,
    message,
    hint,
    moves = [],
    about,
  }: Pick<Description, "text" | "message" | "hint" | "moves" | "about">,
  drawing: DiagnosticDrawing,
): string {
  const lines: readonly Line[] = [
    [{ text: `${say("common/error")} `, tone: "error" }, { text: printableLine(text ?? message) }],
    ...(about ? [plain(`  ${printableLine(about)}`)] : []),
    ...(hint ? [drawHint(hint)] : []),
  ];
  const wrapped = drawing.terminal ? lines.flatMap((line) => wrapLine(line, drawing.width, 8)) : lines;
  // Commands stay on one line, so that they can be pasted.
  return paintLines([...wrapped, ...moves.map(drawHint)], drawing.color);
}

/** A hint on its line. */
export const drawHint = (hint: string): Line => [
  { text: `  ${say("common/hint")} `, tone: "adopt" },
  { text: printableLine(hint) },
];

interface Description {
  /** A stable word, or Coze's code. */
  readonly code: Problem["code"];
  readonly message: string;
  /** The message for people, with the facts that programs get apart from it. */
  readonly text?: string | undefined;
  readonly hint?: string | undefined;
  /** More next moves, each on a line of its own. */
  readonly moves?: readonly string[];
  /** The resource, and where its manifest is. */
  readonly about?: string | undefined;
  readonly exitCode?: ExitCode;
  /** What programs get besides, for each problem. */
  readonly facts?: readonly Partial<Problem>[];
}

function describe(error: unknown): Description {
  if (error instanceof UsageError) {
    const { message, hint, exitCode } = error;
    return { code: "usage", message, hint, exitCode };
  }
  if (isCoded(error)) return { code: codeOf(error), message: error.message, hint: error.hint };
  if (error instanceof CozeError) return describeFailed(failureOf(error), error);
  if (error instanceof ObserveError) return describeObserveError(error);
  if (error instanceof StateError || error instanceof WorldError) {
    const { message, hint, file, at } = error;
    const text = [formatPlace(error), message].join(": ");
    const code = error instanceof StateError ? "state" : "emulator-world";
    return { code, message, text, hint, facts: [{ file, ...at }] };
  }
  if (error instanceof TooFewCalls) {
    const { message, hint } = error;
    return { code: "too-few-calls", message: say("cli/unchanged", { message }), hint };
  }
  if (error instanceof StalePlan) {
    const { message, hint, elsewhere } = error;
    return {
      code: "stale-plan",
      message: elsewhere ? message : say("cli/stale-plan", { reason: message }),
      hint,
    };
  }
  if (error instanceof Refused) return describeRefusal(error);
  const system = describeSystemError(error);
  if (system) return { code: "system", message: system };
  return { code: "internal", ...explain("cli/unexpected", { error: String(error) }) };
}

type Coded = NotInstalled | UnfitPlace | ForeignHead | Locked;

const isCoded = (error: unknown): error is Coded =>
  [NotInstalled, UnfitPlace, ForeignHead, Locked].some((one) => error instanceof one);

function codeOf(error: Coded): string {
  if (error instanceof NotInstalled) return "not-installed";
  if (error instanceof UnfitPlace) return "unfit-place";
  return error instanceof ForeignHead ? "pull-request" : "locked";
}

const describeFailed = (failure: Failure, cause: unknown): Description => ({
  code: failure.code ?? (cause instanceof ConnectionLost ? "no-answer" : failure.type),
  message: failure.message,
  text: describeFailure(failure),
  hint: failure.hint,
  facts: [{ operation: failure.operation, logid: failure.logid }],
});

function describeObserveError({ failure, subject, at, cause }: ObserveError): Description {
  const place = at ? formatLocation(at) : undefined;
  const about = [place, subject].filter(Boolean).join("  ");
  const { operation, logid } = failure;
  // Or it is where the token comes from.
  const address = subject !== undefined && parseAddress(subject) ? subject : undefined;
  return { ...describeFailed(failure, cause), about, facts: [{ operation, logid, address, ...at }] };
}

const formatPlace = ({ file, at }: StateError | WorldError): string =>
  at ? formatLocation({ file, ...at }) : file;

/** All that is refused in one text, with the next moves, and each as a problem of its own. */
function describeRefusal({ planned, refusals, saved }: Refused): Description {
  const { options, plan, project } = planned;
  const ways = {
    command: "apply",
    saved: saved ? planningWords(options, project.environmentName) : undefined,
    stateless: project.stateless,
    together: plan.together,
  };
  const groups = groupRefusals(refusals, ways);
  return {
    code: "refused",
    message: say("cli/refused", { steps: groups.map(describeGroup).join("; ") }),
    moves: groups.flatMap(({ moves }) => moves),
    facts: refusals.map((refusal) => ({
      message: say("cli/refused", { steps: groupRefusals([refusal], ways).map(describeGroup).join("; ") }),
      hint: groupRefusals([refusal], ways)
        .flatMap(({ moves }) => moves)
        .join("; "),
      address: refusal.addresses[0],
      ...refusal.at,
    })),
  };
}

/** What one guard refuses, the same of several resources once. */
function describeGroup({ guard, refusals }: RefusalGroup): string {
  const byMessage = groupBy(refusals, ({ message }) => message);
  const named = [...byMessage].map(
    ([message, some]) => `${nameSome(some.map(({ addresses: [address] }) => address))} (${message})`,
  );
  const steps = nameSome(named);
  return guard.startsWith("allow-") ? say("cli/refused-without", { permission: guard, steps }) : steps;
}

const mostNamed = 5;

function nameSome(names: readonly string[]): string {
  const count = names.length - mostNamed;
  return [...names.slice(0, mostNamed), ...(count > 0 ? [say("cli/more", { count })] : [])].join(", ");
}

const failureOf = ({ message, hint, operation, code, logid, outcome }: CozeError): Failure => ({
  type: outcome === "unknown" ? "unknown-outcome" : "rejected",
  message,
  hint,
  operation,
  code,
  logid,
});

/** The operating system's error in words. */
function describeSystemError(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("syscall" in error)) return undefined;
  const { syscall, path, dest, port } = error as SystemError;
  const subject = dest ?? path ?? (port === undefined ? syscall : say("cli/port", { port }));
  return [subject, describeReason(error)].join(": ");
}

/** The properties of Node's system errors; `dest` is the target of a move. */
interface SystemError extends NodeJS.ErrnoException {
  readonly dest?: string;
  readonly port?: number;
}

/** The chain of causes of an error, one a line with its place in the code, for bug reports. */
export function reportCauses(error: unknown): readonly string[] {
  const lines: string[] = [];
  for (let one: unknown = error; one instanceof Error && lines.length < 8; one = one.cause) {
    const place = /\(?([^\s()]+:\d+:\d+)\)?$/m.exec(one.stack?.split("\n    at ")[1] ?? "")?.[1] ?? "";
    const cause = hideQuoted(String(one));
    lines.push(printableLine(say("cli/cause", { cause: place ? `${cause} (${place})` : cause })));
  }
  return lines;
}
