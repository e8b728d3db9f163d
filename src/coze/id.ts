/** What Coze calls its objects by. Anything else in a path could change the address of a call. */
const pattern = /^[A-Za-z0-9_-]{1,64}$/;

/** Whether a text can be an id. */
export const isId = (text: string): boolean => pattern.test(text);
