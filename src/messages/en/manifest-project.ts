export const manifestProject = {} as const;
