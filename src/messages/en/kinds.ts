export const kinds = {
  "kinds/digits": "an id of digits",
  "kinds/user-id": "a user id of digits",
} as const;
