import { connectionFields, defaultTokenVariable, oauthAppFields } from "../../core/connection-fields.ts";
import type { Field } from "../../core/field.ts";
import type { Attribute, Attributes } from "./attribute.ts";

/** A setting, and the environment variable that stands in where the configuration doesn't give it. */
export type Setting = Field & { readonly variable?: string };

const { app_id, key_id, ...others } = oauthAppFields;

/** What `jwt` holds; the names of its variables are those of Coze's own SDKs. */
export const jwtSettings = {
  app_id: { ...app_id, variable: "COZE_JWT_OAUTH_CLIENT_ID" },
  key_id: { ...key_id, variable: "COZE_JWT_OAUTH_PUBLIC_KEY_ID" },
  private_key: {
    type: "string",
    minLength: 1,
    sensitive: true,
    presence: "required",
    variable: "COZE_JWT_OAUTH_PRIVATE_KEY",
    description: 'The private key in PEM form: `file("private_key.pem")`.',
  },
  ...others,
} as const satisfies { readonly [name: string]: Setting };

/** What becomes of a creation whose object is at Coze already and isn't in the state. */
export type Existing = (typeof existingWords)[number];

const existingWords = ["warn", "error", "adopt"] as const;

/** What the provider's configuration holds beside `jwt`. */
export const plainSettings = {
  endpoint: { ...connectionFields.endpoint, variable: "COZE_API_BASE" },
  token: {
    type: "string",
    minLength: 1,
    sensitive: true,
    presence: "optional",
    variable: defaultTokenVariable,
    description: "A personal or service access token.",
  },
  requests_per_second: connectionFields.requests_per_second,
  max_calls: {
    type: "integer",
    minimum: 1,
    presence: "optional",
    description:
      "How many API calls one process of the provider may make, retries included; Terraform starts one for each step of a run, such as reading and applying. The next apply goes on where one stopped.",
  },
  allow_ownership_transfer: {
    type: "boolean",
    presence: "optional",
    default: false,
    description:
      "Whether members may be removed or get another role: what they own in the workspace then goes to its owner, for good.",
  },
  existing: {
    type: "enum",
    values: existingWords,
    presence: "optional",
    default: "warn",
    variable: "COZEFORM_EXISTING",
    description:
      "What happens when something that is to be created is in Coze already and not in the state, for instance because an earlier run was killed. `warn` creates a second one and warns. `error` creates nothing and says what to import; it is the choice for CI. `adopt` takes it into the state and updates it, if there is exactly one; of a copy that can't be told, so that is an error.",
  },
} as const satisfies { readonly [name: string]: Setting };

/** The attributes of the provider's configuration. */
export const providerAttributes: Attributes = {
  ...toAttributes(plainSettings),
  jwt: {
    type: { nested: { nesting: "single", attributes: toAttributes(jwtSettings) } },
    optional: true,
    description: "An OAuth app that signs its own tokens, instead of `token`.",
  },
};

function toAttributes(settings: { readonly [name: string]: Setting }): Attributes {
  const types = { boolean: "bool", integer: "number", number: "number" } as const;
  const entries = Object.entries(settings).map(
    ([name, { type, description, sensitive, default: preset, variable }]): [string, Attribute] => [
      name,
      {
        type: type in types ? types[type as keyof typeof types] : "string",
        description: [
          description,
          preset === undefined ? [] : `Default \`${String(preset)}\`.`,
          variable === undefined ? [] : `The environment variable \`${variable}\` stands in for it.`,
        ]
          .flat()
          .join(" "),
        optional: true,
        sensitive,
      },
    ],
  );
  return Object.fromEntries(entries);
}
