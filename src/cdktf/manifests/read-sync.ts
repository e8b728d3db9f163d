import { extname } from "node:path";
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import { Token } from "cdktf";
import { say } from "../../messages/text.ts";
import type { readSnapshot, Source } from "./project-snapshot.ts";

/** What a construct is given of a project. */
interface Given {
  readonly directory: string;
  readonly environment?: string | undefined;
  readonly variables?: { readonly [name: string]: string | number | boolean };
}

/** The same for the loader. Throws an error that begins with `where` for what can't be meant, which JavaScript lets pass. */
export function sourceOf(where: string, { directory, environment, variables = {} }: Given): Source {
  if (typeof directory !== "string" || directory === "" || Token.isUnresolved(directory))
    throw new Error(say("cdktf/directory-unknown", { where }));
  for (const [name, value] of Object.entries(variables)) {
    const isKnown = ["string", "number", "boolean"].includes(typeof value);
    if (!isKnown && !Token.isUnresolved(value)) throw new Error(say("cdktf/variable-type", { where, name }));
  }
  const texts = textsOf(variables);
  return {
    directory,
    variables: Object.fromEntries(texts.filter(([, value]) => !Token.isUnresolved(value))),
    later: texts.filter(([, value]) => Token.isUnresolved(value)).map(([name]) => name),
    environment,
  };
}

/** Variables as texts, which tokens are as well. */
export const textsOf = (variables: Given["variables"]): readonly (readonly [string, string])[] =>
  Object.entries(variables ?? {}).map(([name, value]) => [
    name,
    Token.isUnresolved(value) ? Token.asString(value) : String(value),
  ]);

/** A function that reads manifests: its module by its path below this folder's parent, without the ending. */
interface Reader {
  readonly module: string;
  readonly name: string;
}

type Answer<Found> = { readonly value: Found } | { readonly error: unknown };

/** What {@link readSnapshot} finds, while this thread waits. Throws when reading takes more than a minute. */
export const readSync = (source: Source): Blueprinted =>
  waitFor<Blueprinted>({ module: "manifests/project-snapshot", name: "readSnapshot" }, source);

type Blueprinted = Awaited<ReturnType<typeof readSnapshot>>;

/**
 * What a function finds in a project, while this thread waits: a construct is made by its constructor,
 * which can't wait for a promise, and manifests are read by many calls at a time. Throws what the function throws, and
 * when it takes more than a minute.
 */
export function waitFor<Found>(reader: Reader, source: Source): Found {
  const { port1: here, port2: there } = new MessageChannel();
  const done = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const own = extname(import.meta.url);
  const module = new URL(`../${reader.module}${own}`, import.meta.url).href;
  const worker = new Worker(program(own === ".ts" ? loadSource : load), {
    eval: true,
    workerData: { module, name: reader.name, source, port: there, done },
    transferList: [there],
  });
  try {
    const waited = Atomics.wait(done, 0, 0, patience);
    const received = receiveMessageOnPort(here) as { readonly message: Answer<Found> } | undefined;
    if (!received)
      throw new Error(say("cdktf/reading-endless", { directory: source.directory, outcome: waited }));
    const { message } = received;
    if ("error" in message) throw message.error;
    return message.value;
  } finally {
    here.close();
    void worker.terminate();
  }
}

/** Milliseconds. */
const patience = 60_000;

const load = "import(workerData.module)";

// Where the sources themselves run, a thread can't read them before it is told how.
const loadSource =
  'import("jiti").then(({ createJiti }) => createJiti(workerData.module).import(workerData.module))';

const program = (loading: string): string => `
  const { workerData } = require("node:worker_threads");
  const answer = (one) => {
    workerData.port.postMessage(one);
    Atomics.store(workerData.done, 0, 1);
    Atomics.notify(workerData.done, 0);
  };
  ${loading}
    .then((module) => module[workerData.name](workerData.source))
    .then((value) => answer({ value }), (error) => answer({ error }));
`;
