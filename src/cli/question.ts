import { createInterface } from "node:readline";
import type { Io } from "./io.ts";

/** Whether there is somebody to ask, who also sees the plan. */
export const canAsk = ({ stdin, stdout, stderr }: Io): boolean =>
  [stdin, stdout, stderr].every(({ isTTY }) => isTTY === true);

/** Asks on the terminal, beside the results; undefined when the input ends without an answer. */
export function ask(io: Io, question: string): Promise<string | undefined> {
  // As a plain stream: the terminal itself edits the line, and Ctrl-C reaches the process.
  const lines = createInterface({ input: io.stdin, terminal: false });
  io.stderr.write(question);
  return new Promise((resolve) => {
    let answer: string | undefined;
    lines.once("line", (line) => {
      answer = line.trim();
      lines.close();
    });
    lines.once("close", () => {
      if (answer === undefined) io.stderr.write("\n");
      resolve(answer);
    });
  });
}
