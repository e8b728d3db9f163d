import { InvalidInput } from "../core/diagnostic.ts";
import { proposeWord } from "../core/suggestions.ts";
import type { CozeClient } from "../coze/client.ts";
import { listFolders } from "../kinds/folder.ts";
import { explain } from "../messages/text.ts";

/** A folder with its path, such as `客服/售前`. */
interface PlacedFolder {
  readonly id: string;
  readonly path: string;
}

/**
 * The ids of folders, by path or id, and of all folders in them. Reads each folder's own list. Throws
 * {@link InvalidInput} for one that no workspace has.
 */
export async function findFolders(
  api: CozeClient,
  workspaces: readonly string[],
  words: readonly string[],
): Promise<ReadonlySet<string>> {
  const all: PlacedFolder[] = [];
  for (const workspace of workspaces) {
    for await (const page of listFolders(api, workspace)) all.push(...page);
  }
  const found = words.flatMap((word) => {
    const path = word.replaceAll(/^\/+|\/+$/gu, "");
    const roots = all.filter((one) => one.id === word || one.path === path);
    if (roots.length === 0) throw refuseUnknown(word, all);
    return all.filter((one) => roots.some((root) => one === root || one.path.startsWith(`${root.path}/`)));
  });
  return new Set(found.map(({ id }) => id));
}

function refuseUnknown(folder: string, all: readonly PlacedFolder[]): InvalidInput {
  const problem = explain("commands/export-folder", { folder });
  const known = all.map(({ path }) => path);
  const hint = proposeWord(folder, known, "folders") ?? problem.hint;
  return new InvalidInput([{ code: "unknown-folder", severity: "error", ...problem, hint }]);
}
