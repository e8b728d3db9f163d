import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import "../support/loaded-actions.ts";
import { Readable, Writable } from "node:stream";
import type { Io } from "../../src/cli/io.ts";
import { main } from "../../src/cli/main.ts";
import type { EmulatorOptions } from "../../src/emulator/index.ts";
import { createStrictEmulator } from "../support/emulator.ts";
import type { Files } from "../support/story.ts";
import { createVirtualClock } from "../support/virtual-clock.ts";

/** How one command line is run. */
export interface Run {
  /** Lines typed at a terminal, or what is called when input is awaited; without it there is no terminal. */
  readonly typed?: string | (() => void);
  readonly env?: { readonly [name: string]: string };
  /** Where it is run; in the project's directory without it. */
  readonly cwd?: string;
  /** Asked at each write to an output: the system's code that it fails with, or undefined. */
  readonly failing?: (output: "out" | "err") => string | undefined;
  /** Asked at each write to standard output: true when its reader never takes it. */
  readonly stuck?: ((text: string) => boolean) | undefined;
  /** Called after each write to standard output. */
  readonly onOutput?: (() => void) | undefined;
}

/** What a command line left behind. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A project directory, an emulator behind `https://api.coze.cn`, and command lines run in this process. */
export function createConsole(
  files: Files = {},
  emulation: EmulatorOptions = {},
  outside: Partial<Pick<Io, "clock" | "fetch" | "expectLongRun">> = {},
) {
  const directory = mkdtempSync(join(tmpdir(), "cozeform-cli-"));
  const { clock = createVirtualClock() } = outside;
  const emulator = createStrictEmulator({ now: () => clock.now(), fetch: noNetwork, ...emulation });
  const asked = new Set<string>();
  const listeners = new Set<() => void>();
  const crashes = new Set<(error: unknown) => void>();
  const write = (more: Files): void => {
    for (const [path, text = ""] of Object.entries(more)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
  };
  write(files);
  const run = async (
    line: readonly string[],
    { typed, env = {}, cwd = directory, failing = () => undefined, stuck, onOutput }: Run = {},
  ): Promise<Ran> => {
    const terminal = typed !== undefined;
    const stdout = capture(terminal, () => failing("out"), { stuck, onOutput });
    const stderr = capture(terminal, () => failing("err"));
    const io: Io = {
      cwd,
      env: { COZE_API_TOKEN: emulator.token, ...env },
      stdin: Object.assign(typist(typed), { isTTY: terminal }),
      stdout: stdout.stream,
      stderr: stderr.stream,
      clock,
      fetch: outside.fetch ?? toLoopback(emulator.fetch, (origin) => asked.add(origin)),
      random: sequence(),
      expectLongRun: outside.expectLongRun,
      onInterrupt(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      onCrash(listener) {
        crashes.add(listener);
        return () => crashes.delete(listener);
      },
    };
    const code = await main(line, io);
    return { code, out: stdout.text(), err: stderr.text() };
  };
  return {
    directory,
    emulator,
    /** Scheme and host of every endpoint that was sent anything. */
    asked: () => [...asked],
    clock,
    write,
    run,
    /** Runs a line of plain words. */
    sh: (line: string, how?: Run) => run(line.split(" ").filter(Boolean), how),
    /** Something throws that nobody waits for. */
    crash: (error: unknown) => {
      for (const listener of [...crashes]) listener(error);
    },
    interrupt: () => {
      for (const listener of [...listeners]) listener();
    },
  };
}

const typist = (typed: Run["typed"]): Readable =>
  typeof typed === "function" ? new Readable({ read: () => typed() }) : Readable.from(typed ? [typed] : []);

function capture(
  terminal: boolean,
  failure: () => string | undefined,
  { stuck, onOutput }: Pick<Run, "stuck" | "onOutput"> = {},
) {
  const chunks: string[] = [];
  const output = new Writable({
    // Those of a process aren't destroyed by an error either.
    autoDestroy: false,
    write(chunk: Buffer, _encoding, done) {
      if (stuck?.(chunk.toString())) return;
      const code = failure();
      if (code === undefined) chunks.push(chunk.toString());
      done(code === undefined ? null : Object.assign(new Error(`write ${code}`), { code, syscall: "write" }));
      onOutput?.();
    },
  });
  const stream = Object.assign(output, { isTTY: terminal, columns: 80, rows: 24 });
  return { stream, text: () => chunks.join("") };
}

/** Numbers that are the same in every run. */
function sequence(): () => number {
  let seed = 1;
  return () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
}

/** The emulator answers to loopback names only. */
const toLoopback =
  (fetch: typeof globalThis.fetch, told: (origin: string) => void): typeof globalThis.fetch =>
  (input, init) => {
    const request = new Request(input, init);
    const { origin, pathname, search } = new URL(request.url);
    told(origin);
    return fetch(new Request(`http://127.0.0.1${pathname}${search}`, request));
  };

const noNetwork: typeof fetch = async () => {
  throw new TypeError("tests reach nothing beyond loopback");
};

/** Something that takes until it is released. */
export function hold() {
  let release = (): void => {};
  const promise = new Promise<undefined>((resolve) => {
    release = () => resolve(undefined);
  });
  return { promise, release };
}

/** The manifests of a workspace and of a dataset in it. */
export const smallManifests = `\
apiVersion: cozeform/v1
kind: Workspace
metadata: {name: desk}
spec: {name: 客服空间, description: 客服}
---
apiVersion: cozeform/v1
kind: Dataset
metadata: {name: faq}
spec: {workspace: desk, name: 常见问题, format: text}
`;

/** A project of these. */
export const smallProject: Files = { "manifests/desk.yaml": smallManifests };
