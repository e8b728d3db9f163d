import type { Json, Values } from "../../core/value.ts";
import { holderId, holderKind } from "../../kind/holder.ts";
import { bearsIdentity, preferExact, showsIdentity } from "../../kind/identity-match.ts";
import type { Item } from "../../kind/kind.ts";
import { say } from "../../messages/text.ts";
import { warnOfFailedListing, warnOfMissingParent } from "../provider/diagnostics.ts";
import type { ProviderDiagnostic, ResourceState } from "../provider/provider-interface.ts";
import type { Remote } from "../remote/remote.ts";
import { allOf, type CozeKind, importId, resourceType } from "../schema/names.ts";
import { comparing, toValues } from "./attribute-conversion.ts";

/** What listing shows about an object that is to be created. */
interface ExistingFound {
  /** Ids of objects that bear its identity; absent where that can't be told. */
  readonly before?: readonly string[] | undefined;
  readonly diagnostics: readonly ProviderDiagnostic[];
}

/** Finds objects that already have the identity of a planned creation. */
export interface ExistingObjects {
  find(kind: CozeKind, remote: Remote, planned: ResourceState): Promise<ExistingFound>;
}

/** `managed`: the ids that Terraform manages, for which no import is proposed. */
export function createExistingObjects(managed: KnownIds): ExistingObjects {
  let isFailureReported = false;
  return {
    async find(kind, remote, planned) {
      const spec = toValues(kind.fields, planned, comparing);
      const isKnown = kind.identity.every((name) => spec[name] !== undefined);
      const parent = holderId(kind, spec);
      if (!isKnown || (kind.parent !== undefined && parent === undefined)) return nothing;
      try {
        const existing = await listExisting(kind, remote, spec);
        const strangers = existing.filter(({ id }) => !managed.has(kind, id));
        const proposed = preferExact(kind, strangers, spec).map(({ id }) => id);
        return { before: existing.map(({ id }) => id), diagnostics: proposeImport(kind, proposed, planned) };
      } catch (error) {
        const failure = remote.explain(error);
        if (failure.type === "interrupted") return nothing;
        if (failure.type === "not-found" && parent !== undefined) {
          // Lists lag: of a holder that this process has seen, that it doesn't exist is no word to go by.
          const isSeen = managed.has({ name: holderKind(kind) ?? "" }, parent);
          return isSeen ? nothing : { diagnostics: [warnOfMissingParent(kind, parent, failure)] };
        }
        // What keeps one resource from being looked for keeps most of them.
        if (isFailureReported) return nothing;
        isFailureReported = true;
        return { diagnostics: [warnOfFailedListing(kind, failure, parent)] };
      }
    },
  };
}

const nothing: ExistingFound = { diagnostics: [] };

async function listExisting(kind: CozeKind, remote: Remote, spec: Values): Promise<readonly Item[]> {
  const items = await remote.list(kind, holderId(kind, spec), spec);
  return items.filter((item) => bearsIdentity(kind, item, spec));
}

/** Proposes to take over what is there already; nothing for objects whose identity can't be seen. */
function proposeImport(
  kind: CozeKind,
  ids: readonly string[],
  planned: ResourceState,
): readonly ProviderDiagnostic[] {
  const [id, ...others] = ids;
  if (id === undefined || !showsIdentity(kind)) return [];
  const type = resourceType(kind);
  const fields = allOf(kind.identity.filter((name) => name !== kind.parent));
  const proposal =
    others.length === 0
      ? say("terraform-resource/exists-hint", { fields })
      : say("terraform-resource/several-exist-hint", { fields, others: others.join(", ") });
  return [
    {
      severity: "warning",
      // Terraform shows one of several warnings that have a summary in common.
      summary: say("terraform-resource/exists", { type, id }),
      // Terraform breaks lines at a width of its own, but not those that begin with a space.
      detail: [
        proposal,
        "",
        "  import {",
        `    to = ${type}.NAME`,
        `    id = ${JSON.stringify(importId(kind, planned, id))}`,
        "  }",
      ].join("\n"),
    },
  ];
}

/** The objects that resources of Terraform's stand for, as far as a process has come across them. */
export interface KnownIds {
  note(kind: CozeKind, id: Json | undefined): void;
  has(kind: Pick<CozeKind, "name">, id: string): boolean;
}

/** Knows none yet. */
export function createKnownIds(): KnownIds {
  const seen = new Set<string>();
  return {
    note(kind, id) {
      if (typeof id === "string") seen.add(`${kind.name}/${id}`);
    },
    has: (kind, id) => seen.has(`${kind.name}/${id}`),
  };
}
