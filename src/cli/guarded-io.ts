import type { Redaction } from "../secrets/redaction.ts";
import type { Io, Output } from "./io.ts";

/** An output of the process that can't be written any more. */
export interface OutputLoss {
  readonly output: "standard output" | "standard error";
  readonly terminal: boolean;
  readonly error: unknown;
}

/** The same process with guarded outputs. */
export interface GuardedIo {
  readonly io: Io;
  /** Resolves when all that was written has left the process, or can't any more. */
  drain(): Promise<void>;
}

/**
 * The same process, of whose secrets nothing gets out: every text is redacted on its way. An output that fails is told
 * to `onLoss`, once; what is written to it later is dropped.
 */
export function guardIo(io: Io, secrets: Redaction, onLoss: (loss: OutputLoss) => void): GuardedIo {
  const guard = (output: Output, name: OutputLoss["output"]) =>
    guardOutput(output, secrets, (error) => onLoss({ output: name, terminal: output.isTTY === true, error }));
  const stdout = guard(io.stdout, "standard output");
  const stderr = guard(io.stderr, "standard error");
  return {
    io: { ...io, stdout: stdout.output, stderr: stderr.output },
    drain: async () => {
      await Promise.all([stdout.drain(), stderr.drain()]);
    },
  };
}

function guardOutput(output: Output, secrets: Redaction, onLoss: (error: unknown) => void) {
  let lost = false;
  const lose = (error: unknown): void => {
    if (!lost) onLoss(error);
    lost = true;
  };
  // It stays until the process ends: without it, Node would end the process with a stack trace.
  output.on("error", lose);
  let written = Promise.resolve();
  const write = (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    if (lost) return true;
    const text = secrets.redact(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString());
    const done = rest.find((one): one is WriteListener => typeof one === "function");
    let hasRoom = true;
    // Writes end in their order.
    written = new Promise((resolve) => {
      hasRoom = output.write(text, (error) => {
        if (error) lose(error);
        done?.(error);
        resolve();
      });
    });
    return hasRoom;
  };
  // All else, such as the width of a terminal whose window changes, is asked of the stream itself.
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
