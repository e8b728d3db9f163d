export const manifestSchema = {
  "manifest-schema/kind-unknown": "there is no kind {{kind}}",
  "manifest-schema/secret-in-text": "this is {{what}} in plain text",
  "manifest-schema/secret-in-text.hint":
    "revoke it if anyone else has seen this file, then remove it: this text is sent to Coze as it is, and plans show it",
} as const;
