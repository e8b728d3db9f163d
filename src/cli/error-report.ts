import { Refused, TooFewCalls } from "../commands/apply.ts";
import { ForeignHead } from "../commands/pull-request.ts";
import { StalePlan } from "../commands/stale-plan.ts";
import { NotInstalled } from "../commands/terraform.ts";
import { InvalidInput } from "../core/diagnostic.ts";
import { describeReason } from "../core/system-error.ts";
import { CozeError, hideQuoted } from "../coze/error-classes.ts";
import { WorldError } from "../emulator/world/world-error.ts";
import { ObserveError } from "../engine/failures.ts";
import { UnfitPlace } from "../files/guarded-writing.ts";
import { explain, say } from "../messages/text.ts";
import { type DiagnosticDrawing, formatLocation, renderDiagnostics } from "../report/diagnostics.ts";
import { printableLine } from "../report/escape-control.ts";
import { describeFailure } from "../report/events.ts";
import { type Line, paintLines, plain, wrapLine } from "../report/styled-text.ts";
import { Locked } from "../state/lock.ts";
import { StateError } from "../state/model.ts";
import { ExitCode, UsageError } from "./exit-code.ts";

/** The message of an error and the exit code for it. */
interface ErrorReport {
  readonly text: string;
  readonly exitCode: ExitCode;
}

/** Describes an error and the next move; never a stack trace. */
export function reportError(error: unknown, drawing: DiagnosticDrawing): ErrorReport {
  if (error instanceof InvalidInput) {
    const text = renderDiagnostics(error.diagnostics, error.sources, drawing);
    return { text, exitCode: ExitCode.invalid };
  }
  const described = describe(error);
  return { text: renderError(described, drawing), exitCode: described.exitCode ?? ExitCode.failed };
}

/** An error as text, with its hint on a line of its own. */
export function renderError({ message, hint, about }: Description, drawing: DiagnosticDrawing): string {
  const lines: readonly Line[] = [
    [{ text: `${say("common/error")} `, tone: "error" }, { text: printableLine(message) }],
    ...(about ? [plain(`  ${printableLine(about)}`)] : []),
    ...(hint ? [drawHint(hint)] : []),
  ];
  const wrapped = drawing.terminal ? lines.flatMap((line) => wrapLine(line, drawing.width, 8)) : lines;
  return paintLines(wrapped, drawing.color);
}

/** A hint on its line. */
export const drawHint = (hint: string): Line => [
  { text: `  ${say("common/hint")} `, tone: "adopt" },
  { text: printableLine(hint) },
];

interface Description {
  readonly message: string;
  readonly hint?: string | undefined;
  /** The resource, and where its manifest is. */
  readonly about?: string | undefined;
  readonly exitCode?: ExitCode;
}

function describe(error: unknown): Description {
  if (error instanceof UsageError) return error;
  if (
    error instanceof NotInstalled ||
    error instanceof UnfitPlace ||
    error instanceof ForeignHead ||
    error instanceof Locked
  ) {
    return { message: error.message, hint: error.hint };
  }
  if (error instanceof CozeError) return { message: describeFailure(shapeOf(error)), hint: error.hint };
  if (error instanceof ObserveError) return describeObserveError(error);
  if (error instanceof StateError || error instanceof WorldError)
    return { message: [formatPlace(error), error.message].join(": "), hint: error.hint };
  if (error instanceof TooFewCalls)
    return { message: say("cli/unchanged", { message: error.message }), hint: error.hint };
  if (error instanceof StalePlan) {
    const { message, hint, elsewhere } = error;
    return { message: elsewhere ? message : say("cli/stale-plan", { reason: message }), hint };
  }
  if (error instanceof Refused) return { message: describeRefused(error) };
  const system = describeSystemError(error);
  return system ? { message: system } : explain("cli/unexpected", { error: String(error) });
}

function describeObserveError({ failure, subject, at }: ObserveError): Description {
  const place = at ? formatLocation(at) : undefined;
  const about = [place, subject].filter(Boolean).join("  ");
  return { message: describeFailure(failure), hint: failure.hint, about };
}

const formatPlace = ({ file, at }: StateError | WorldError): string =>
  at ? formatLocation({ file, ...at }) : file;

/** The refused steps with their effects, by the permission that they need. */
function describeRefused({ planned }: Refused): string {
  const harms = new Map<string, Map<string, string[]>>();
  for (const { step, lacks } of planned.refused) {
    for (const { text, needs } of step.effects) {
      if (!needs || !lacks.includes(needs)) continue;
      const texts = harms.get(needs) ?? new Map<string, string[]>();
      harms.set(needs, texts.set(text, [...(texts.get(text) ?? []), step.address]));
    }
  }
  const parts = [...harms].map(([permission, texts]) => {
    const named = [...texts].map(([text, addresses]) => `${nameSome(addresses)} (${text})`);
    return say("cli/refused-without", { permission, steps: nameSome(named) });
  });
  return say("cli/refused", { steps: parts.join("; ") });
}

const mostNamed = 5;

function nameSome(names: readonly string[]): string {
  const count = names.length - mostNamed;
  return [...names.slice(0, mostNamed), ...(count > 0 ? [say("cli/more", { count })] : [])].join(", ");
}

const shapeOf = ({ message, operation, code, logid }: CozeError) =>
  ({ type: "rejected", message, operation, code, logid }) as const;

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
    lines.push(printableLine(`debug: ${hideQuoted(String(one))}${place ? ` (${place})` : ""}`));
  }
  return lines;
}
