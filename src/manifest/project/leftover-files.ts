import path from "node:path";

/**
 * Names of files that editors, merge tools and systems leave beside those that people made: Word's `~$x.docx`, Emacs's
 * `x~` and `#x#`, Vim's `.x.swp`, LibreOffice's `.~lock.x#`, macOS's `._x` and `.DS_Store`, Windows's `Thumbs.db`.
 */
const leftoverName =
  /^~\$|^\.~lock\.|^\._|^\.#|^#.*#$|~$|\.sw[opn]$|\.(?:bak|orig|rej|tmp|part|crdownload)$|^(?:eh)?thumbs\.db$|^desktop\.ini$|^\.ds_store$|^icon\r$/iu;

/** Whether a file's name says that a program left it, which wasn't meant by a pattern that matches it. */
export const isLeftover = (file: string): boolean => leftoverName.test(path.posix.basename(file));
