import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Host } from "../../src/commands/host.ts";
import { Refused, StalePlan } from "../../src/commands/refusals.ts";
import { type Diagnostic, InvalidInput, isError } from "../../src/core/diagnostic.ts";
import { CozeError } from "../../src/coze/error-classes.ts";
import type { Emulator } from "../../src/emulator/index.ts";
import { ObserveError } from "../../src/engine/failures.ts";
import { createRedaction } from "../../src/secrets/redaction.ts";
import { StateError } from "../../src/state/model.ts";
import { createStrictEmulator } from "../support/emulator.ts";
import { describeRerun } from "../support/sample.ts";
import { makeScratch } from "../support/scratch.ts";
import type { Files } from "../support/story.ts";
import { createVirtualClock } from "../support/virtual-clock.ts";
import { type Mutant, mutate, randomOf } from "./mutate.ts";
import { sampleEnv } from "./samples.ts";

/** What the product says of itself when it breaks, and what no message of it holds. */
export const broken =
  /undefined|\[object |\[native|(?:Type|Range|Reference|Syntax|Assertion)Error|Cannot read|is not a function|is not iterable|call stack|at Object\.|at async |\.[jt]s:\d+|unexpectedly/u;

/** A project whose files are mutated one at a time, with a Coze of its own. */
export async function createBench(files: Files) {
  const directory = makeScratch();
  const clock = createVirtualClock();
  const emulator = createStrictEmulator({ now: () => clock.now(), fetch: refuse });
  let calls = 0;
  const host: Host = {
    env: {
      COZE_API_TOKEN: emulator.token,
      COZE_DEV_TOKEN: emulator.token,
      COZE_PROD_TOKEN: emulator.token,
      ...sampleEnv,
    },
    fetch: (input, init) => {
      calls += 1;
      const request = new Request(input, init);
      const { pathname, search } = new URL(request.url);
      return emulator.fetch(new Request(`http://127.0.0.1${pathname}${search}`, request));
    },
    clock,
    random: () => 0.5,
    onEvent: () => {},
    secrets: createRedaction(),
  };
  const put = (file: string, content: string | Mutant): void => {
    const path = join(directory, file);
    rmSync(path, { recursive: true, force: true });
    if (content === "gone") return;
    mkdirSync(dirname(path), { recursive: true });
    if (content === "directory") mkdirSync(path);
    else writeFileSync(path, content);
  };
  for (const [file, content = ""] of Object.entries(files)) put(file, content);
  await addWorkspace(emulator);
  return { directory, emulator, host, put, calls: () => calls };
}

/** The files of a directory, as far as they are a project's. */
export function readFiles(directory: string): Files {
  const paths = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter(
    (path) => !path.startsWith(".cozeform") && statSync(join(directory, path)).isFile(),
  );
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(directory, path))]));
}

/** The one that manifests look up. */
async function addWorkspace(emulator: Emulator): Promise<void> {
  await emulator.fetch("http://127.0.0.1/v1/workspaces", {
    method: "POST",
    headers: { authorization: `Bearer ${emulator.token}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "公共空间", description: "大家的" }),
  });
}

const refuse: typeof fetch = async () => {
  throw new TypeError("tests reach nothing beyond loopback");
};

export type Bench = Awaited<ReturnType<typeof createBench>>;

/** One file of a bench, and what is done with the project each time it was mutated. */
export interface Subject {
  /** Part of the seed: the same name gives the same mutants. */
  readonly group: string;
  readonly file: string;
  readonly text: string;
  readonly form: "yaml" | "json";
  run(): Promise<unknown>;
}

/** Mutates a file again and again, and says of which mutants it wasn't said well what is wrong with them. */
export async function tryMutants(
  bench: Bench,
  subject: Subject,
  indices: readonly number[],
): Promise<string> {
  const faults: string[] = [];
  for (const index of indices) {
    if (faults.length === 5) break;
    const { mutant, done } = mutate(subject.text, subject.form, randomOf(subject.group, index));
    bench.put(subject.file, mutant);
    const [callsBefore, filesBefore] = [bench.calls(), listFiles(bench.directory)];
    const wrong: string[] = [];
    try {
      await subject.run();
    } catch (error) {
      wrong.push(...judge(error, bench.directory, subject, mutant));
      if (bench.calls() > callsBefore && !isLearned(error)) wrong.push("Coze was asked");
      if (listFiles(bench.directory) !== filesBefore) wrong.push("something was written");
    }
    if (wrong.length > 0) faults.push(tell(subject, index, mutant, done, wrong));
  }
  bench.put(subject.file, subject.text);
  return faults.join("\n\n");
}

/** What can be known of an input only once Coze was looked at. */
const learned = new Set([
  ...["ambiguous", "prevent-destroy", "moved"],
  ...["lookup-empty", "lookup-ambiguous", "lookup-nowhere"],
]);

const isLearned = (error: unknown): boolean =>
  error instanceof InvalidInput
    ? error.diagnostics.filter(isError).every(({ code }) => learned.has(code))
    : !(error instanceof StateError);

function tell(
  { group, file }: Subject,
  index: number,
  mutant: Mutant,
  done: readonly string[],
  wrong: readonly string[],
): string {
  const kept = join(
    tmpdir(),
    `cozeform-bad-input-${group.replace(" ", "-")}-${index}-${file.replaceAll("/", "-")}`,
  );
  if (typeof mutant !== "string") writeFileSync(kept, mutant);
  const where = typeof mutant === "string" ? `${file} is ${mutant}` : kept;
  return `${done.join(", ")}: ${wrong.join("; ")}\n  ${where}\n  alone: ${describeRerun(`CASE=${index}`)}`;
}

/** What is wrong with the way in which a project was refused. */
function judge(error: unknown, directory: string, subject: Subject, mutant: Mutant): readonly string[] {
  if (error instanceof InvalidInput) return judgeDiagnostics(error, directory, subject, mutant);
  const { name, message, stack = "" } = error as Error;
  if (error instanceof StateError) return judgeStateError(error, subject, mutant);
  const expected =
    error instanceof StalePlan ||
    error instanceof Refused ||
    error instanceof CozeError ||
    error instanceof ObserveError;
  return expected && !broken.test(message)
    ? []
    : [`${name}: ${message} ${stack.split("\n").slice(1, 5).join("")}`];
}

function judgeDiagnostics(
  { diagnostics, sources }: InvalidInput,
  directory: string,
  subject: Subject,
  mutant: Mutant,
): readonly string[] {
  if (!diagnostics.some(isError)) return ["refused without an error"];
  return diagnostics.flatMap((one) => {
    const text =
      sources.get(one.at?.file ?? "") ?? (one.at?.file.endsWith(subject.file) ? textOf(mutant) : undefined);
    return judgeDiagnostic(one, directory, text);
  });
}

/** Of a directory as a whole, of what the options say, and of what is remembered there is no line. */
const placeless = new Set(["no-manifests", "unknown-environment", "unfit-state"]);

function judgeDiagnostic(
  { code, at, message, hint = "" }: Diagnostic,
  directory: string,
  text: string | undefined,
) {
  const wrong: string[] = [];
  if (broken.test(message) || broken.test(hint)) wrong.push(`says: ${message} (${hint})`);
  if (!message.trim()) wrong.push(`says nothing (${code})`);
  if (!at) return placeless.has(code) ? wrong : [...wrong, `no place: ${message}`];
  const lines = (text ?? "").split("\n");
  const line = lines[at.line - 1];
  const within = line !== undefined && at.column >= 1 && at.column <= line.length + 1;
  if (!within || at.file.startsWith(`${directory}/m`))
    wrong.push(`${at.file}:${at.line}:${at.column} isn't there: ${message}`);
  return wrong;
}

function judgeStateError(
  { file, at, message, hint }: StateError,
  subject: Subject,
  mutant: Mutant,
): readonly string[] {
  const wrong: string[] = [];
  if (broken.test(message) || broken.test(hint) || !hint) wrong.push(`says: ${message} (${hint})`);
  if (!file) wrong.push(`no file: ${message}`);
  if (!at || !file.endsWith(subject.file)) return wrong;
  const line = textOf(mutant).split("\n")[at.line - 1];
  if (line === undefined || at.column < 1 || at.column > line.length + 1)
    wrong.push(`${at.line}:${at.column} isn't there: ${message}`);
  return wrong;
}

const textOf = (mutant: Mutant): string =>
  typeof mutant === "string" ? "" : new TextDecoder().decode(mutant);

/** Names, sizes and times of everything below a directory. */
function listFiles(directory: string): string {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((file) => {
      const { size, mtimeMs, ino } = statSync(join(directory, file));
      return `${file} ${size} ${mtimeMs} ${ino}`;
    })
    .sort()
    .join("\n");
}
