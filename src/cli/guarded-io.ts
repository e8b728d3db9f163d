import type { Redaction } from "../secrets/redaction.ts";
import type { Io, Output } from "./io.ts";

/** An output of the process that failed. */
export interface OutputLoss {
  readonly output: "stdout" | "stderr";
  readonly terminal: boolean;
  readonly error: unknown;
}

/** An {@link Io} whose outputs are redacted and watched. */
export interface GuardedIo {
  readonly io: Io;
  /** Resolves when every write is done or has failed. */
  drain(): Promise<void>;
}

/**
 * Guards the outputs of the process: every text is redacted. `onLoss` is called once for an output that fails; later
 * writes to it are dropped.
 */
export function guardIo(io: Io, secrets: Redaction, onLoss: (loss: OutputLoss) => void): GuardedIo {
  const guard = (output: Output, name: OutputLoss["output"]) =>
    guardOutput(output, secrets, (error) => onLoss({ output: name, terminal: output.isTTY === true, error }));
  const stdout = guard(io.stdout, "stdout");
  const stderr = guard(io.stderr, "stderr");
  return {
    // Its standard input is opened by the first look at it.
    io: Object.create(io, { stdout: { value: stdout.output }, stderr: { value: stderr.output } }),
    drain: async () => {
      await Promise.all([stdout.drain(), stderr.drain()]);
    },
  };
}

function guardOutput(output: Output, secrets: Redaction, onLoss: (error: unknown) => void) {
  let lost = false;
  const fail = (error: unknown): void => {
    if (!lost) onLoss(error);
    lost = true;
  };
  // Never removed: without a listener, Node would end the process with a stack trace.
  output.on("error", fail);
  let written = Promise.resolve();
  const write = (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    if (lost) return true;
    const text = secrets.redact(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString());
    const done = rest.find((one): one is WriteListener => typeof one === "function");
    let hasRoom = true;
    // Writes complete in order.
    written = new Promise((resolve) => {
      hasRoom = output.write(text, (error) => {
        if (error) fail(error);
        done?.(error);
        resolve();
      });
    });
    return hasRoom;
  };
  // Everything else, such as the current width of a terminal, comes from the stream itself.
  const guarded = new Proxy(output, {
    get(target, name) {
      if (name === "write") return write;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { output: guarded, drain: () => written };
}

type WriteListener = (error?: Error | null) => void;
