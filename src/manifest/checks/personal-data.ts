import { explain } from "../../messages/text.ts";
import type { Problem } from "../problems.ts";

/** The problem of a number in a text that may be a person's; `what` names it. */
export const personalData = (what: string): Problem => ({
  code: "personal-data",
  severity: "warning",
  ...explain("manifest/personal-data", { what }),
});
