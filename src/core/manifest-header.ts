/** The one version of the format of manifests and project files. */
export const apiVersion = "cozeform/v1";

/** What a manifest may be called. */
export const manifestName = {
  pattern: "^[a-z0-9-]+$",
  patternHint: "lower-case letters, digits and hyphens",
} as const;
