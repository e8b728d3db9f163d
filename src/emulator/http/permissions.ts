import { codes, Refusal } from "./envelope.ts";

/** What a token may do, and where; everything unless said otherwise. */
export interface RightsOptions {
  /** Permission points by their names in the reference, such as "listWorkspace". */
  readonly permissions?: readonly string[];
  /** Ids of the workspaces it is good for. */
  readonly workspaces?: readonly string[];
}

/** The points a token holds, each with the millisecond from which it counts. */
export interface Rights {
  readonly points: Map<string, number> | "all";
  readonly workspaces: ReadonlySet<string> | "all";
}

const never = Number.POSITIVE_INFINITY;

/** The points of enterprise, organization and workspace management: all a privileged app can be given. */
export const managementPoints: readonly string[] = [
  "listWorkspace",
  "createWorkspace",
  "Workspace.update",
  "readMember",
  "addMember",
  "removeMember",
];

/** The rights that options describe. */
export function openRights({ permissions, workspaces }: RightsOptions): Rights {
  return {
    points: permissions ? new Map(permissions.map((point) => [point, 0])) : "all",
    workspaces: workspaces ? new Set(workspaces) : "all",
  };
}

/** Adds points that count from a moment on. */
export function addPoints({ points }: Rights, added: readonly string[], from: number): void {
  if (points === "all") {
    return;
  }
  for (const point of added) {
    points.set(point, Math.min(points.get(point) ?? from, from));
  }
}

/** Refuses with 4101 unless the token holds every one of the points, and has held them for long enough. */
export function requirePoints({ points: held }: Rights, points: readonly string[], now: number): void {
  if (held !== "all" && points.some((point) => (held.get(point) ?? never) > now)) {
    // Seen with 401 as well as with 403, where it isn't told from a token that ended but by its code.
    throw new Refusal(
      codes.forbidden,
      "Your token does not have permission to access resource. Please verify whether the resource ID or token is correct.",
      { status: 401 },
    );
  }
}
