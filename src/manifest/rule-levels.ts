/** How `checks` of a project file wants a rule's findings: passed over, as warnings, or as errors. */
export const ruleLevels = ["off", "warn", "error"] as const;

export type RuleLevel = (typeof ruleLevels)[number];
