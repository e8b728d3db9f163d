import path from "node:path";
import { type Address, addressMatches, parseAddress } from "../core/address.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { explainForeign } from "../manifest/foreign-exports.ts";
import type { UnmatchedManifests } from "../manifest/project/unmatched-manifests.ts";
import { say } from "../messages/text.ts";

/** The most addresses that a message names. */
const mostNamed = 5;

/**
 * Warns of files with manifests that a project doesn't read: of each that is in use, and of each whose resources a plan
 * removes.
 */
export function warnOfUnmatched(
  { manifests, hasPatterns }: UnmatchedManifests,
  removed: readonly Address[] = [],
): readonly Diagnostic[] {
  return manifests.flatMap(
    ({ file, shownFile = file, foreign, addresses, isCurrent }): readonly Diagnostic[] => {
      const at = { file: shownFile, line: 1, column: 1 };
      if (foreign) {
        const isAside = removed.length > 0 || !isCurrent;
        return isAside
          ? []
          : [{ code: "foreign-export", severity: "warning", ...explainForeign(foreign, shownFile), at }];
      }
      const gone = removed.filter((address) => addresses.some((one) => addressMatches(one, address)));
      if (gone.length === 0 && !isCurrent) return [];
      const named = gone.length > 0 ? gone : addresses;
      const shown = [...named.slice(0, mostNamed), ...(named.length > mostNamed ? ["…"] : [])].join(", ");
      const key = gone.length > 0 ? "commands/unmatched-gone" : "commands/unmatched-manifest";
      return [
        {
          code: "unmatched-manifest",
          severity: "warning",
          message: say(key, { addresses: shown }),
          hint: hintFor(file, addresses, { isCurrent, hasPatterns }),
          at,
        },
      ];
    },
  );
}

function hintFor(
  file: string,
  [address = ""]: readonly Address[],
  { isCurrent, hasPatterns }: { readonly isCurrent: boolean; readonly hasPatterns: boolean },
): string {
  if (!isCurrent) {
    const name = file.replace(/(?<=\.ya?ml)[^/]*$/iu, "");
    return say("commands/unmatched-aside.hint", { name });
  }
  if (path.posix.extname(file).toLowerCase() === ".md") {
    const { kind = "" } = parseAddress(address) ?? {};
    const pattern = `{glob: ${patternFor(file)}, kind: ${kind}}`;
    return say("commands/unmatched-pattern.hint", { pattern });
  }
  return hasPatterns
    ? say("commands/unmatched-pattern.hint", { pattern: patternFor(file) })
    : say("commands/unmatched-default.hint");
}

const patternFor = (file: string): string =>
  path.posix.join(path.posix.dirname(file), `*${path.posix.extname(file)}`);
