export const common = {
  "common/and-more-in": "{{message}}, and {{count}} more in {{file}}",
  "common/did-you-mean": "did you mean {{word}}?",
  "common/error": "error:",
  "common/hint": "hint:",
  "common/it-is": "it is {{what}}",
  "common/known": "known {{what}}: {{words}}",
  "common/known-and-more": "known {{what}}: {{words}}, …",
  "common/remove-one": "remove one of them",
} as const;
