import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { writePages } from "../../src/terraform/docs/pages.ts";
import { createProvider } from "../../src/terraform/provider/provider.ts";
import { createVirtualClock } from "../support/virtual-clock.ts";

const examples = resolve(import.meta.dirname, "../../examples");

/** The provider's schema, and its pages with the examples of this repository. */
export function terraformPages() {
  const { schema } = createProvider({ env: {}, fetch, clock: createVirtualClock(), random: () => 0 });
  const pages = writePages(schema, (path) => {
    const file = join(examples, path);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  });
  return { schema, pages };
}
