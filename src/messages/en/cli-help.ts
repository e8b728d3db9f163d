export const cliHelp = {} as const;
