import { createInterface } from "node:readline";
import type { Io } from "./io.ts";
import type { Session } from "./session.ts";

/** Whether there is somebody to ask, who also sees the plan. */
export const canAsk = ({ stdin, stdout, stderr }: Io): boolean =>
  [stdin, stdout, stderr].every(({ isTTY }) => isTTY === true);

/** Asks on the terminal, beside the results; undefined when the input ends without an answer. */
export function ask({ io, interruption }: Session, question: string): Promise<string | undefined> {
  // As a plain stream: the terminal itself edits the line, and Ctrl-C reaches the process.
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
    // A terminal that was closed can't be read.
    lines.once("error", () => lines.close());
    lines.once("close", () => {
      answered();
      if (answer === undefined) endLine();
      resolve(answer);
    });
  });
}
