export const terraformFunctions = {} as const;
