import type { Redaction } from "../core/redaction.ts";
import type { Io, Output } from "./io.ts";

/** The same process, of whose secrets nothing gets out: whoever writes, and whatever, it is redacted on its way. */
export const guardIo = (io: Io, secrets: Redaction): Io => ({
  ...io,
  stdout: guardOutput(io.stdout, secrets),
  stderr: guardOutput(io.stderr, secrets),
});

function guardOutput(output: Output, secrets: Redaction): Output {
  const write = (chunk: string | Uint8Array, ...rest: readonly never[]): boolean =>
    output.write(secrets.redact(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString()), ...rest);
  // All else, such as the width of a terminal whose window changes, is asked of the stream itself.
  return new Proxy(output, {
    get(target, name) {
      if (name === "write") return write;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
