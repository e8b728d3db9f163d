import type { Field } from "../../core/field.ts";
import { say } from "../../messages/text.ts";
import { secretSource } from "./secret-source.ts";

const text = { type: "string", minLength: 1, presence: "optional" } as const;

const httpAddress = {
  ...text,
  pattern: "^[Hh][Tt][Tt][Pp][Ss]?://[^\\s/]",
  patternHint: () => say("core/http-address"),
} as const;

/**
 * The names of buckets: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html. A bucket and a
 * region stand in the host that receives signed requests.
 */
export const bucketPattern = "^(?!\\d+\\.\\d+\\.\\d+\\.\\d+$)(?!.*\\.\\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$";

/** The names of regions. */
export const regionPattern = "^[a-z0-9-]+$";

/** Where the state of an environment is kept. */
export const stateField = {
  type: "object",
  presence: "optional",
  exactlyOne: ["local", "http", "pg", "s3"],
  shorthand: { local: { local: {} } },
  description:
    "Where the state is kept. Without it, in `.cozeform/` of the project; elsewhere, several machines can share it.",
  fields: {
    local: {
      type: "object",
      presence: "optional",
      description: "In `.cozeform/` of the project: `state: local`.",
      fields: {},
    },
    http: {
      type: "object",
      presence: "optional",
      description:
        "At a server for Terraform's states, as GitLab is one. What isn't written here is taken from Terraform's variables `TF_HTTP_…`.",
      fields: {
        address: { ...httpAddress, description: "The address of the state." },
        lock_address: { ...httpAddress, description: "Where it is locked; the address by default." },
        unlock_address: { ...httpAddress, description: "Where it is unlocked; the address by default." },
        lock_method: {
          ...text,
          description: "The method that locks; `LOCK` by default, `POST` at GitLab.",
        },
        unlock_method: {
          ...text,
          description: "The method that unlocks; `UNLOCK` by default, `DELETE` at GitLab.",
        },
        username: { ...secretSource, presence: "optional", description: "The user name for signing in." },
        password: {
          ...secretSource,
          presence: "optional",
          description: "The password or token of that user.",
        },
      },
    },
    pg: {
      type: "object",
      presence: "optional",
      description: "In a PostgreSQL database, in tables of its own.",
      fields: {
        conn: {
          ...secretSource,
          presence: "optional",
          description: "The connection string; `{env: PG_CONN_STR}` by default.",
        },
        schema: {
          ...text,
          pattern: "^[a-z_][a-z0-9_]{0,62}$",
          patternHint: () => say("manifest-schema/pg-schema-form"),
          default: "cozeform",
          description: "The database schema of the tables; it is created at first use.",
        },
      },
    },
    s3: {
      type: "object",
      presence: "optional",
      description:
        "In a bucket of S3 or of a store like it that knows conditional writes. Access keys are taken from the variables `AWS_…`.",
      fields: {
        endpoint: { ...httpAddress, description: "The address of the store; that of AWS by default." },
        bucket: {
          ...text,
          presence: "required",
          pattern: bucketPattern,
          patternHint: () => say("manifest-schema/bucket-form"),
          description: "The name of the bucket.",
        },
        key: {
          ...text,
          presence: "required",
          description: "The key of the state; its lock and journal have keys that begin with it.",
        },
        region: {
          ...text,
          pattern: regionPattern,
          patternHint: () => say("manifest-schema/region-form"),
          description: "The region; `AWS_REGION` or `AWS_DEFAULT_REGION` by default.",
        },
        path_style: {
          type: "boolean",
          presence: "optional",
          description:
            "Whether the bucket stands in the path of addresses and not in their host; so by default where there is an `endpoint`, or a dot in the bucket's name.",
        },
      },
    },
  },
} as const satisfies Field;
