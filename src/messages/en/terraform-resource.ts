export const terraformResource = {} as const;
