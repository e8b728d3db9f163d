export const coze = {} as const;
