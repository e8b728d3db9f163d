const text = { type: "string", minLength: 1, presence: "optional" } as const;

/** Says where a secret is, so that it needn't stand in the project. */
export const secretSource = {
  type: "object",
  exactlyOne: ["env", "file"],
  fields: {
    env: { ...text, description: "The environment variable with the value." },
    file: {
      ...text,
      description: "The file with the value: a path below the project, or an absolute one.",
    },
  },
} as const;
