export const manifestYaml = {} as const;
