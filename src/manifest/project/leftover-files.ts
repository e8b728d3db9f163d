import path from "node:path";
import type { Location } from "../../core/diagnostic.ts";
import { explain } from "../../messages/text.ts";
import type { Problem, Report } from "../problems.ts";

/**
 * Names of files that editors and systems leave beside those that people made: Word's `~$x.docx`, Emacs's `x~` and
 * `#x#`, Vim's `.x.swp`, LibreOffice's `.~lock.x#`, macOS's `._x` and `.DS_Store`, Windows's `Thumbs.db`.
 */
const leftoverName =
  /^~\$|^\.~lock\.|^\._|^\.#|^#.*#$|~$|\.sw[opn]$|^(?:eh)?thumbs\.db$|^desktop\.ini$|^\.ds_store$|^icon\r$/iu;

/** Names that people give files, too. */
const doubtfulName = /\.(?:bak|orig|rej|tmp|part|crdownload)$/iu;

const matches = (pattern: RegExp) => (file: string) => pattern.test(path.posix.basename(file));
const isLeftover = matches(leftoverName);
const isDoubtful = matches(doubtfulName);

/** Most leftovers that a warning names. */
const mostNamed = 5;

/**
 * The files that a pattern meant: without those that programs left. What people may have made is reported at the pattern's
 * place; the rest is passed over like dot files.
 */
export function dropLeftovers(files: readonly string[], at: Location, report: Report): readonly string[] {
  const kept = files.filter((file) => !isLeftover(file));
  const left = kept.filter(isDoubtful);
  if (left.length === 0) return kept;
  const named = [...left.slice(0, mostNamed), ...(left.length > mostNamed ? ["…"] : [])].join(", ");
  const problem = explain("manifest-values/leftover-files", { count: left.length, files: named });
  report(at, { code: "leftover-files", severity: "warning", ...problem });
  return kept.filter((file) => !isDoubtful(file));
}

/** The problem of a file that is named although a program left it; undefined of any other file. */
export function explainLeftover(file: string): Problem | undefined {
  if (!isLeftover(file)) return undefined;
  return { code: "bad-file", ...explain("manifest-values/leftover-named", { file }) };
}
