import { connectionFields, oauthAppFields } from "../../core/connection-fields.ts";
import { type Field, type Fields, idText } from "../../core/field.ts";
import { say } from "../../messages/text.ts";

/** The one version of the format of manifests and project files. */
export const apiVersion = "cozeform/v1";

/** What a manifest may be called. */
export const manifestName = {
  pattern: "^[a-z0-9-]+$",
  patternHint: () => say("manifest-schema/manifest-name-form"),
} as const;

const globs = { type: "list", items: { type: "string", minLength: 1 }, presence: "optional" } as const;

/** What `depends_on` takes, keys of `for_each` included. */
export const addressPattern = '^[A-Z][A-Za-z]*\\.[a-z0-9-]+(\\[".*"\\])?$';

/** `metadata` of a manifest but for `for_each`, whose forms no shape describes. */
export const metadataFields: Fields = {
  name: {
    type: "string",
    ...manifestName,
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
      patternHint: () => say("manifest-schema/address-form"),
    },
    presence: "optional",
    description: "Addresses that come first although no field refers to them: `Dataset.faq`.",
  },
};

/** `checks` of a manifest. */
export const checksField = {
  type: "list",
  key: "name",
  minItems: 1,
  presence: "optional",
  description:
    "Questions to a bot or workflow, and what the answers have to be like. `promote --check` asks them before callers " +
    "get to see anything; each costs what an answer costs.",
  items: {
    type: "object",
    exactlyOne: ["say", "input"],
    fields: {
      name: {
        type: "string",
        minLength: 1,
        maxLength: 100,
        presence: "required",
        description: "Tells the checks of a manifest apart, in reports and for patches.",
      },
      say: {
        type: "string",
        text: true,
        minLength: 1,
        presence: "optional",
        description: "What is said to a bot.",
      },
      input: {
        type: "map",
        presence: "optional",
        description: "The parameters that a workflow is run with.",
      },
      expect: {
        type: "object",
        textField: "text",
        presence: "required",
        description:
          "What the answer has to be like; all that is given has to hold. A text is short for `{text: …}`.",
        fields: {
          text: {
            type: "string",
            minLength: 1,
            presence: "optional",
            description: "A text that it contains.",
          },
          pattern: {
            type: "string",
            minLength: 1,
            presence: "optional",
            description: "A regular expression of JavaScript (flag `u`) that finds something in it.",
          },
          schema: {
            type: "map",
            presence: "optional",
            description:
              "A JSON Schema (draft 2020-12) that it is valid by, read as JSON; it may stand in a fence of Markdown.",
          },
        },
      },
      within: {
        type: "number",
        duration: true,
        minimum: 1,
        maximum: 600,
        presence: "optional",
        default: 60,
        description:
          "How long the answer may take, in seconds or as `90s` or `2m`; at most 10 minutes. Coze answers no run of a workflow after 90 seconds.",
      },
    },
  },
} as const satisfies Field;

/** The parts of a manifest beside `spec` and `metadata`, whose shape is the same for every kind. */
export const commonParts: Fields = { checks: checksField };

const secretSource = {
  type: "object",
  exactlyOne: ["env", "file"],
  fields: {
    env: {
      type: "string",
      minLength: 1,
      presence: "optional",
      description: "The environment variable that holds it.",
    },
    file: {
      type: "string",
      minLength: 1,
      presence: "optional",
      description: "The file that holds it: a path below the project, or a whole one.",
    },
  },
} as const;

const { app_id, key_id, ...others } = oauthAppFields;

/** An OAuth app. */
const jwtFields: Fields = {
  app_id,
  key_id,
  private_key: { ...secretSource, presence: "required", description: "The private key in PEM form." },
  ...others,
};

const authFields: Fields = {
  token: { ...secretSource, presence: "optional", description: "A personal or service access token." },
  jwt: {
    type: "object",
    fields: jwtFields,
    presence: "optional",
    description: "An OAuth app that signs its own tokens.",
  },
};

/** One environment of a project file but for `variables`, which hold texts, numbers and booleans alike. */
export const environmentFields: Fields = {
  endpoint: connectionFields.endpoint,
  auth: {
    type: "object",
    presence: "optional",
    description: "How cozeform signs in: a token, or an OAuth app with a key (JWT).",
    exactlyOne: ["token", "jwt"],
    fields: authFields,
  },
  credentials: {
    type: "map",
    values: {
      type: "object",
      exactlyOne: ["token", "jwt"],
      fields: {
        ...authFields,
        kinds: {
          type: "list",
          items: { type: "string", minLength: 1 },
          minItems: 1,
          presence: "required",
          description: "The kinds whose calls are made with it: `[CallbackApp]`.",
        },
      },
    },
    presence: "optional",
    description: "Other ways to sign in, by name, for the calls of some kinds; `auth` is for all the rest.",
  },
  protect: {
    type: "boolean",
    presence: "optional",
    default: false,
    description: "`apply` and `destroy` ask for the environment's name.",
  },
  patches: { ...globs, description: "Partial manifests that are merged over those of the same address." },
  ids: {
    type: "map",
    keys: idText,
    values: {
      type: "string",
      pattern: "^[0-9]{1,64}$",
      patternHint: () => say("manifest-schema/digits-form"),
    },
    presence: "optional",
    description:
      'For promotions to this environment: by its id elsewhere, the id of what stands for an object here, where no manifest tells: `{"7530…": "7531…"}`.',
  },
  requests_per_second: connectionFields.requests_per_second,
  operations_per_second: {
    type: "map",
    values: { type: "number", minimum: 0.01 },
    presence: "optional",
    description:
      "How fast it makes calls of single operations at most, by the names of their pages: `{upload_files: 20}` " +
      "on enterprise plans.",
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
  manifests: {
    ...globs,
    description: "Where the manifests are; every other YAML file of the directory without it.",
  },
  default_environment: {
    type: "string",
    minLength: 1,
    presence: "optional",
    description: "The environment that is meant when a command names none.",
  },
};

/** What `environments` may be called: their names become file names. */
export const environmentName = "^[A-Za-z0-9][A-Za-z0-9_-]*$";
