import { connectionFields, oauthAppFields } from "../../core/connection-fields.ts";
import { type Field, type Fields, idText, type Shape } from "../../core/field.ts";
import { labelName } from "../../core/labels.ts";
import { say } from "../../messages/text.ts";
import { ruleLevels } from "../rule-levels.ts";
import { secretSource } from "./secret-source.ts";
import { stateField } from "./state-fields.ts";

/** The one version of the format of manifests and project files. */
export const apiVersion = "cozeform/v1";

/** What a manifest may be called. */
export const manifestName = {
  pattern: "^[a-z0-9-]+$",
  patternHint: () => say("manifest-schema/manifest-name-form"),
} as const;

const requiredText = { type: "string", minLength: 1, presence: "required" } as const;

const optionalText = { type: "string", minLength: 1, presence: "optional" } as const;

const optionalTexts = {
  type: "list",
  items: { type: "string", minLength: 1 },
  presence: "optional",
} as const;

/** What `depends_on` takes, keys of `for_each` included. */
export const addressPattern = '^[A-Z][A-Za-z]*\\.[a-z0-9-]+(\\[".*"\\])?$';

const addressText = {
  type: "string",
  pattern: addressPattern,
  patternHint: () => say("manifest-schema/address-form"),
} as const;

/** `metadata` of a manifest but for `for_each`, whose forms no shape describes. */
export const metadataFields = {
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
        ...optionalTexts,
        description: "Fields that cozeform leaves alone once the object is created: `onboarding.prologue`.",
      },
    },
  },
  depends_on: {
    type: "list",
    items: addressText,
    presence: "optional",
    description: "Addresses of resources that come first although no field refers to them: `Dataset.faq`.",
  },
  labels: {
    type: "map",
    keys: { pattern: labelName, patternHint: () => say("manifest-schema/label-form") },
    values: { type: "string", minLength: 1 },
    presence: "optional",
    description:
      "Words of your own by which `--target label=value`, `exclude` and patches choose resources: `{team: sales}`. They aren't sent to Coze.",
  },
  import: {
    type: "object",
    presence: "optional",
    description:
      "An object that exists at Coze and becomes this resource: the next apply takes it over instead of creating one. It counts only until the state knows the resource.",
    fields: {
      id: { type: "string", ...idText, presence: "required", description: "The id of the object." },
    },
  },
  allow: {
    type: "list",
    items: {
      type: "object",
      fields: {
        rule: {
          type: "string",
          presence: "required",
          description: "The rule: `secret-in-clear`, `personal-data`, …",
        },
        reason: { ...requiredText, description: "Why this manifest may break it." },
        expires: {
          type: "string",
          pattern: "^\\d{4}-\\d{2}-\\d{2}$",
          patternHint: () => say("manifest-schema/day-form"),
          presence: "optional",
          description: "The last day on which it may; required for `secret-in-clear`.",
        },
      },
    },
    presence: "optional",
    description: "Rules of `validate` that don't hold for this manifest and the texts that it names.",
  },
  moved_from: {
    type: "list",
    items: {
      type: "string",
      pattern: '^[a-z0-9-]+(\\[".*"\\])?$',
      patternHint: () => say("manifest-schema/moved-from-form"),
    },
    presence: "optional",
    description: "Names that this manifest had before, so that its object is kept: `[assistant]`.",
  },
} as const satisfies Fields;

/** `checks` of a manifest. */
export const checksField = {
  type: "list",
  key: "name",
  minItems: 1,
  presence: "optional",
  description:
    "Questions to a bot or workflow, and what the answers must be like. `promote --check` asks them before callers " +
    "see the release; each costs as much as an answer.",
  items: {
    type: "object",
    exactlyOne: ["say", "input"],
    fields: {
      name: {
        type: "string",
        minLength: 1,
        maxLength: 100,
        presence: "required",
        description: "The name of the check in reports and patches; unique in its manifest.",
      },
      say: { ...optionalText, text: true, description: "The message sent to the bot." },
      input: {
        type: "map",
        presence: "optional",
        description: "The parameters for the run of the workflow.",
      },
      expect: {
        type: "object",
        textField: "text",
        presence: "required",
        description:
          "What the answer must be like; every condition must hold. A text is short for `{text: …}`.",
        fields: {
          text: { ...optionalText, description: "A text that the answer must contain." },
          pattern: {
            ...optionalText,
            description: "A JavaScript regular expression (flag `u`) that must match a part of the answer.",
          },
          schema: {
            type: "map",
            presence: "optional",
            description:
              "A JSON Schema (draft 2020-12) that the answer must match as JSON; a Markdown code fence around it is ignored.",
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

/** Patterns of YAML files, and of Markdown files with their kind. */
const manifestPatterns = {
  type: "list",
  items: {
    type: "object",
    textField: "glob",
    fields: {
      glob: { type: "string", minLength: 1, presence: "required", description: "A pattern of files." },
      kind: {
        ...optionalText,
        description:
          "The files are Markdown, and each stands for a resource of this kind: front matter holds `metadata` and `spec`, the text below it is the prompt.",
      },
    },
  },
  presence: "optional",
} as const satisfies Shape & Pick<Field, "presence">;

/** By kind, fields under the specs of manifests. Which kinds and fields there are is checked where they are merged. */
const defaultsField = { type: "map", values: { type: "map" }, presence: "optional" } as const;

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
          ...optionalTexts,
          minItems: 1,
          presence: "required",
          description: "The kinds whose calls use it: `[CallbackApp]`.",
        },
      },
    },
    presence: "optional",
    description: "Other ways to sign in, by name, for the calls of some kinds; all other calls use `auth`.",
  },
  protect: {
    type: "boolean",
    presence: "optional",
    default: false,
    description: "`apply` and `destroy` ask for the environment's name.",
  },
  manifests: {
    ...manifestPatterns,
    description: "Manifests of this environment alone, beside those of the project.",
  },
  exclude: {
    ...optionalTexts,
    description:
      "Resources of the project that this environment doesn't have, by address or label: `[Bot.sandbox, team=labs]`.",
  },
  defaults: {
    ...defaultsField,
    description: "Like the project's `defaults`, over these, for this environment alone.",
  },
  patches: {
    ...optionalTexts,
    description:
      "Partial manifests that are merged over the manifest of the same address, or over all that their `match` finds.",
  },
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
      'For promotions to this environment: the id of an object elsewhere, and the id of its counterpart here, where no manifest says so: `{"7530…": "7531…"}`.',
  },
  state: stateField,
  requests_per_second: connectionFields.requests_per_second,
  operations_per_second: {
    type: "map",
    values: { type: "number", minimum: 0.01 },
    presence: "optional",
    description:
      "The most calls per second of single operations, by the names of their pages: `{upload_files: 20}` " +
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
  name: { ...optionalText, description: "The name of the project; by default, the name of its directory." },
  manifests: {
    ...manifestPatterns,
    description: "Where the manifests are; by default, every other YAML file of the directory.",
  },
  defaults: {
    ...defaultsField,
    description:
      "By kind, fields that all its manifests have unless they say otherwise: `{Bot: {workspace: desk}}`. Maps merge key by key, lists are replaced as a whole, `null` in a manifest removes a default.",
  },
  include: {
    ...optionalTexts,
    description:
      "Directories outside the project, below the root of its git work tree, whose manifests are part of it: `[../shared]`.",
  },
  outputs: {
    type: "map",
    values: { type: "string", minLength: 1 },
    presence: "optional",
    description:
      "Names for what other projects of the repository may take from the state of this one: `{dataset_id: Dataset.faq, version: Bot.support.version}`.",
  },
  checks: {
    type: "map",
    values: { type: "enum", values: ruleLevels },
    presence: "optional",
    description:
      "Levels of the rules of `validate`, by name: `{personal-data: error}`. `off` passes over a rule.",
  },
  moved: {
    type: "list",
    items: {
      type: "object",
      fields: {
        from: { ...addressText, presence: "required", description: "The address that it had." },
        to: { ...addressText, presence: "required", description: "The address that it has now." },
      },
    },
    presence: "optional",
    description:
      "Resources that have another address now and keep their objects: `[{from: Bot.assistant, to: Bot.helper}]`.",
  },
  default_environment: {
    ...optionalText,
    description: "The environment of commands that don't name one.",
  },
};

/** What `environments` may be called: their names become file names. */
export const environmentName = "^[A-Za-z0-9][A-Za-z0-9_-]*$";
