export const terraformProvider = {} as const;
