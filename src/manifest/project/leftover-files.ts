import path from "node:path";
import type { Location } from "../../core/diagnostic.ts";
import { explain } from "../../messages/text.ts";
import type { Report } from "../problems.ts";

/**
 * Names of files that editors, merge tools and systems leave beside those that people made: Word's `~$x.docx`, Emacs's
 * `x~` and `#x#`, Vim's `.x.swp`, LibreOffice's `.~lock.x#`, macOS's `._x` and `.DS_Store`, Windows's `Thumbs.db`.
 */
const leftoverName =
  /^~\$|^\.~lock\.|^\._|^\.#|^#.*#$|~$|\.sw[opn]$|\.(?:bak|orig|rej|tmp|part|crdownload)$|^(?:eh)?thumbs\.db$|^desktop\.ini$|^\.ds_store$|^icon\r$/iu;

const isLeftover = (file: string): boolean => leftoverName.test(path.posix.basename(file));

/** Most leftovers that a warning names. */
const mostNamed = 5;

/** The files that a pattern meant: without those that programs left, which are reported at the pattern's place. */
export function dropLeftovers(files: readonly string[], at: Location, report: Report): readonly string[] {
  const left = files.filter(isLeftover);
  if (left.length === 0) return files;
  const named = [...left.slice(0, mostNamed), ...(left.length > mostNamed ? ["…"] : [])].join(", ");
  const problem = explain("manifest-values/leftover-files", { count: left.length, files: named });
  report(at, { code: "leftover-files", severity: "warning", ...problem });
  return files.filter((file) => !isLeftover(file));
}
