export const cdktf = {} as const;
