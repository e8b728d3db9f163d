import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One place for the temporary files of a run's tests and of the processes that they start; gone when it ends. */
export default function makePlace() {
  // Short, because paths of sockets in it may have about 100 bytes.
  const place = mkdtempSync(join(tmpdir(), "cozeform-"));
  // The tests' PostgreSQL, which runs as another user where they run as root, has its own directory in it.
  chmodSync(place, 0o711);
  process.env.TMPDIR = place;
  process.once("exit", () => rmSync(place, { recursive: true, force: true }));
}
