/** The text of `message-table.ts`. */
export function describeMessages(): Promise<string>;
