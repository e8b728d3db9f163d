import { codes, Refusal } from "./envelope.ts";

/** What a token may do, and in which workspaces; by default everything. */
export interface RightsOptions {
  /** Permission points by their names in the reference, such as "listWorkspace". */
  readonly permissions?: readonly string[] | undefined;
  /** Ids of the workspaces that it reaches. */
  readonly workspaces?: readonly string[] | undefined;
}

/** The points a token has, each with the time in milliseconds from which it applies. */
export interface Rights {
  readonly points: Map<string, number> | "all";
  readonly workspaces: ReadonlySet<string> | "all";
}

/** The points of enterprise, organization and workspace management: the only ones for privileged apps. */
export const managementPoints: readonly string[] = [
  "listWorkspace",
  "createWorkspace",
  "Workspace.update",
  "readMember",
  "addMember",
  "removeMember",
  "Enterprise.batchAddPeople",
  "Enterprise.updatePeople",
  "Enterprise.removePeople",
  "Enterprise.createOrganization",
  "Enterprise.listOrganization",
  "Account.updateOrganization",
  "Account.listOrganizationPeople",
  "Account.removeOrganizationPeople",
  "batchAddOrganizationPeople",
  "updateOrganizationPeople",
];

const never = Number.POSITIVE_INFINITY;

/** What limits the workspaces of a token. */
interface Reach {
  readonly rights: Rights;
  readonly organization_id?: string | undefined;
  readonly workspace_id?: string | undefined;
}

/** Whether a token reaches a workspace. */
export function reaches(
  { rights, organization_id, workspace_id }: Reach,
  workspace: { readonly id: string; readonly workspace_type: string; readonly coze_account_id: string },
): boolean {
  const isForeign =
    organization_id !== undefined &&
    workspace.workspace_type === "team" &&
    !["", organization_id].includes(workspace.coze_account_id);
  const isOutside = workspace_id !== undefined && workspace.id !== workspace_id;
  return !isForeign && !isOutside && (rights.workspaces === "all" || rights.workspaces.has(workspace.id));
}

/** The rights that options describe. */
export function openRights({ permissions, workspaces }: RightsOptions): Rights {
  return {
    points: permissions ? new Map(permissions.map((point) => [point, 0])) : "all",
    workspaces: workspaces ? new Set(workspaces) : "all",
  };
}

/** Adds points that apply from a time on. */
export function addPoints({ points }: Rights, added: readonly string[], from: number): void {
  if (points === "all") return;
  for (const point of added) {
    points.set(point, Math.min(points.get(point) ?? from, from));
  }
}

/** Refuses with 4101 unless all the points apply. */
export function requirePoints({ points: held }: Rights, points: readonly string[], now: number): void {
  if (held !== "all" && points.some((point) => (held.get(point) ?? never) > now)) refuseLacking();
}

/** Refuses a token that lacks a permission. */
export function refuseLacking(): never {
  // Seen with 401 as well as with 403; with 401 only the code distinguishes it from an expired token.
  throw new Refusal(
    codes.forbidden,
    "Your token does not have permission to access resource. Please verify whether the resource ID or token is correct.",
    { status: 401 },
  );
}

/** Whether a token has the rights of a privileged app; where only such an app's has them, no other token does. */
export const isPrivileged = (
  { kind, rights }: { readonly kind: string; readonly rights: Rights },
  onlyApps: boolean,
): boolean => kind === "privileged" || (kind === "personal" && rights.points === "all" && !onlyApps);
