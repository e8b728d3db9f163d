import type { Field, Fields } from "../core/field.ts";

/** The one version of the format of manifests and project files. */
export const apiVersion = "cozeform/v1";

const globs = (description: string): Field => ({
  type: "list",
  items: { type: "string", minLength: 1 },
  presence: "optional",
  description,
});

/** What `depends_on` takes, keys of `for_each` included. */
export const addressPattern = '^[A-Z][A-Za-z]*\\.[a-z0-9-]+(\\[".*"\\])?$';

/** `metadata` of a manifest but for `for_each`, whose forms no shape describes. */
export const metadataFields: Fields = {
  name: {
    type: "string",
    pattern: "^[a-z0-9-]+$",
    patternHint: "lower-case letters, digits and hyphens",
    presence: "required",
    description:
      "With the kind, the address of the resource: `Bot.support`. Lower-case letters, digits, hyphens.",
  },
  lifecycle: {
    type: "object",
    presence: "optional",
    description: "How changes and removal of this resource are handled.",
    fields: {
      prevent_destroy: {
        type: "boolean",
        presence: "optional",
        default: false,
        description: "Refuse every plan that would remove or replace it.",
      },
      ignore_changes: {
        type: "list",
        items: { type: "string", minLength: 1 },
        presence: "optional",
        description:
          "Fields that are left as Coze holds them once the object is made: `onboarding.prologue`.",
      },
    },
  },
  depends_on: {
    type: "list",
    items: {
      type: "string",
      pattern: addressPattern,
      patternHint: "an address, such as Dataset.faq",
    },
    presence: "optional",
    description: "Addresses that come first although no field refers to them: `Dataset.faq`.",
  },
};

const secretSource = (description: string): Field => ({
  type: "object",
  presence: "optional",
  description,
  exactlyOne: ["env", "file"],
  fields: {
    env: {
      type: "string",
      minLength: 1,
      presence: "optional",
      description: "The environment variable that holds it.",
    },
    file: { type: "string", minLength: 1, presence: "optional", description: "The file that holds it." },
  },
});

const jwtFields: Fields = {
  app_id: { type: "string", minLength: 1, presence: "required", description: "The id of the OAuth app." },
  key_id: {
    type: "string",
    minLength: 1,
    presence: "required",
    description: "The fingerprint of the public key.",
  },
  private_key: { ...secretSource("The private key in PEM form."), presence: "required" },
};

/** One environment of a project file but for `variables`, which hold texts, numbers and booleans alike. */
export const environmentFields: Fields = {
  endpoint: {
    type: "string",
    pattern: "^https?://[^\\s/]",
    patternHint: "an http or https address",
    presence: "optional",
    default: "https://api.coze.cn",
    description: "Where the API is; `https://api.coze.com` for the international site.",
  },
  auth: {
    type: "object",
    presence: "optional",
    description: "How cozeform signs in: a token, or an OAuth app with a key (JWT).",
    exactlyOne: ["token", "jwt"],
    fields: {
      token: secretSource("A personal or service access token."),
      jwt: {
        type: "object",
        fields: jwtFields,
        presence: "optional",
        description: "An OAuth app that signs its own tokens.",
      },
    },
  },
  protect: {
    type: "boolean",
    presence: "optional",
    default: false,
    description: "`apply` and `destroy` ask for the environment's name.",
  },
  patches: globs("Partial manifests that are merged over those of the same address."),
  requests_per_second: {
    type: "number",
    minimum: 0.01,
    presence: "optional",
    description: "How fast cozeform calls the API at most.",
  },
};

/** The project file but for `environments`. */
export const projectFields: Fields = {
  apiVersion: {
    type: "enum",
    values: [apiVersion],
    presence: "required",
    description: "The version of the format.",
  },
  kind: { type: "enum", values: ["Project"], presence: "required", description: "What this file is." },
  name: {
    type: "string",
    minLength: 1,
    presence: "optional",
    description: "The project's name; its directory's name without it.",
  },
  manifests: globs("Where the manifests are; every other YAML file of the directory without it."),
  default_environment: {
    type: "string",
    minLength: 1,
    presence: "optional",
    description: "The environment that is meant when a command names none.",
  },
};

/** What `environments` may be called: their names become file names. */
export const environmentName = "^[A-Za-z0-9][A-Za-z0-9_-]*$";
