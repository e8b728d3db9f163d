export const manifestValues = {} as const;
