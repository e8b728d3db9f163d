import type { KindSchema } from "../../kind/schema.ts";

/** What Terraform calls resources of a kind: `coze_workspace_member`. */
export const resourceType = ({ name }: Pick<KindSchema, "name">): string =>
  `coze_${name.replace(/(?<=[a-z0-9])[A-Z]/gu, "_$&").toLowerCase()}`;

/** The attribute beside a file's path that holds the content's SHA-256, so that other content is a difference. */
export const hashName = (name: string): string => `${name}_sha256`;

/** Where a secret is given that no state shall hold. */
export const writeOnlyName = (name: string): string => `${name}_wo`;

/** The number that is raised to have another secret sent. */
export const writeOnlyVersionName = (name: string): string => `${name}_wo_version`;

/** The calls that an apply didn't come to: they are a difference, so that the next one makes them. */
export const unfinishedName = "unfinished";

/** Coze's task that is to make an object: all there is of it until it has an id. */
export const taskName = "task";
