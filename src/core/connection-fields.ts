import { say } from "../messages/text.ts";
import { type Fields, idText } from "./field.ts";

/** The variable that holds the token when nothing else names one; the official SDKs read the same one. */
export const defaultTokenVariable = "COZE_API_TOKEN";

/** How Coze is reached, from manifests and from Terraform. Each has its own fields for tokens and app keys. */
export const connectionFields = {
  endpoint: {
    type: "string",
    // Schemes may be written in any case.
    pattern: "^[Hh][Tt][Tt][Pp][Ss]?://[^\\s/]",
    patternHint: () => say("core/http-address"),
    presence: "optional",
    default: "https://api.coze.cn",
    description: "Where the API is; `https://api.coze.com` for the international site.",
  },
  requests_per_second: {
    type: "number",
    minimum: 0.01,
    presence: "optional",
    description: "How fast cozeform calls the API at most; 5 requests a second without it.",
  },
} as const satisfies Fields;

/** An OAuth app, without its private key. */
export const oauthAppFields = {
  app_id: { type: "string", minLength: 1, presence: "required", description: "The id of the OAuth app." },
  key_id: {
    type: "string",
    minLength: 1,
    presence: "required",
    description: "The fingerprint of the public key.",
  },
  duration_seconds: {
    type: "integer",
    minimum: 60,
    maximum: 86_399,
    presence: "optional",
    default: 900,
    description: "How long a token is good; cozeform fetches another one before it ends.",
  },
  session_name: {
    type: "string",
    minLength: 1,
    presence: "optional",
    description: "Told to Coze with each token, to tell sessions apart.",
  },
  organization_id: {
    type: "string",
    ...idText,
    presence: "optional",
    description:
      "Sign in for this organization; on personal plans for the user of this id, who owns the workspace.",
  },
  enterprise_id: {
    type: "string",
    ...idText,
    presence: "optional",
    description: "The app is an enterprise privileged app; sign in for this enterprise.",
  },
} as const satisfies Fields;
