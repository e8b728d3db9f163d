export const manifest = {
  "manifest/coze-token": "a Coze token",
  "manifest/private-key": "a private key",
} as const;
