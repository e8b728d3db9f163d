export const promote = {} as const;
