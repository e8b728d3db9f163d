export const manifestSchema = {} as const;
