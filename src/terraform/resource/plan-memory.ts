import { createHash } from "node:crypto";
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
}

/** How long a plan is remembered that wasn't applied. Milliseconds. */
const lifetime = 24 * 60 * 60_000;

const keyOf = (kind: CozeKind, at: Place): string => `${kind.name}/${keyOfPlace(at)}`;

/** One empty file per object in a folder of Terraform's working directory; where it can't be written, there is none. */
export function rememberInFolder(folder: string): PlanMemory {
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
  return {
    keep(kind, at) {
      attempt(() => mkdirSync(folder, { recursive: true }));
      attempt(() => writeFileSync(fileOf(kind, at), ""));
    },
    holds(kind, at) {
      const found = attempt(() => statSync(fileOf(kind, at)));
      return found !== undefined && Date.now() - found.mtimeMs < lifetime;
    },
    drop: (kind, at) => void attempt(() => rmSync(fileOf(kind, at), { force: true })),
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
  };
}
