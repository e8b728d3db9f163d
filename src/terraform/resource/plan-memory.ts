import { createHash } from "node:crypto";
import { readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeFolder, makeFolders, writeFileGuarded } from "../../files/guarded-writing.ts";
import { keyOfPlace } from "../../kind/identity-match.ts";
import type { Place } from "../../kind/kind.ts";
import type { CozeKind } from "../schema/names.ts";

/**
 * Which objects were in the state when a plan found their identity wanted by a creation as well. Terraform plans and
 * applies in two processes, and while it creates a replacement first, it doesn't show the second what is replaced.
 */
export interface PlanMemory {
  keep(kind: CozeKind, at: Place): void;
  holds(kind: CozeKind, at: Place): boolean;
  drop(kind: CozeKind, at: Place): void;
  /** This process creates, changes or removes something: it carries out a plan. */
  noteApplying(): void;
}

/** How long a plan is remembered that wasn't applied. Milliseconds. */
const lifetime = 24 * 60 * 60_000;

const keyOf = (kind: CozeKind, at: Place): string => `${kind.name}/${keyOfPlace(at)}`;

/**
 * One file per object in a folder of Terraform's working directory; where it can't be written, there is none. `parent`:
 * the process of Terraform's that this one serves. Where that has planned before, only what this plan left counts: what
 * an older one left, which wasn't applied, would hide that the state was lost since.
 */
export function rememberInFolder(folder: string, parent = process.ppid): PlanMemory {
  const own = String(parent);
  const mark = join(folder, `planned-by-${own}`);
  const fileOf = (kind: CozeKind, at: Place): string =>
    join(folder, createHash("sha256").update(keyOf(kind, at)).digest("hex"));
  // Not to remember is no reason to fail.
  const attempt = <T>(act: () => T): T | undefined => {
    try {
      return act();
    } catch {
      return undefined;
    }
  };
  // A repository may carry links of these names.
  const write = (file: string, content: string): void => {
    attempt(() => {
      makeFolders(dirname(folder));
      makeFolder(folder);
      writeFileGuarded(file, content, { durable: false });
    });
  };
  const isFresh = (file: string): boolean => {
    const found = attempt(() => statSync(file));
    return found !== undefined && Date.now() - found.mtimeMs < lifetime;
  };
  const hasPlanned = isFresh(mark);
  let isApplying = false;
  return {
    keep: (kind, at) => write(fileOf(kind, at), own),
    holds(kind, at) {
      const file = fileOf(kind, at);
      // This may be the plan of a lost state, or the apply of a saved plan.
      if (!hasPlanned && !isApplying) write(mark, "");
      if (!isFresh(file)) return false;
      return !hasPlanned || attempt(() => readFileSync(file, "utf8")) === own;
    },
    drop: (kind, at) => void attempt(() => rmSync(fileOf(kind, at), { force: true })),
    noteApplying() {
      if (!isApplying) attempt(() => rmSync(mark, { force: true }));
      isApplying = true;
    },
  };
}

const remembered = new WeakMap<object, Set<string>>();

/** That of a process which serves both planning and applying, as one that Terraform attaches to; `owner`: whose it is. */
export function rememberInProcess(owner: object): PlanMemory {
  const keys = remembered.get(owner) ?? new Set();
  remembered.set(owner, keys);
  return {
    keep: (kind, at) => void keys.add(keyOf(kind, at)),
    holds: (kind, at) => keys.has(keyOf(kind, at)),
    drop: (kind, at) => void keys.delete(keyOf(kind, at)),
    noteApplying() {},
  };
}
