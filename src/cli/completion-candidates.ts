import { join } from "node:path";
import { parse } from "yaml";
import { readProject } from "../commands/connections.ts";
import { writeSchemas } from "../commands/schema.ts";
import { listState } from "../commands/state.ts";
import { isObject } from "../core/value.ts";
import { readFileGuarded } from "../files/guarded-reading.ts";
import type { WordSources } from "./completion.ts";
import { projectOptions } from "./options.ts";
import type { Session } from "./session.ts";

/** Words out of the project that the command line names; none when it can't be read. */
export const completionCandidates = (session: Session): WordSources => ({
  async addresses(directory, given, wanted) {
    const options = projectOptions(session.path(directory), { color: false, logLevel: "error", ...given });
    const remembered = await listState(session.host(), options).catch(() => []);
    const { resources = [] } = wanted ? await readProject(session.host(), options) : {};
    const all = [...remembered, ...resources].map(({ address }) => address);
    return [...new Set(all)].sort();
  },
  async environments(directory) {
    const project: unknown = parse(readProjectFile(session.path(directory)), { logLevel: "silent" });
    return isObject(project) && isObject(project.environments) ? Object.keys(project.environments) : [];
  },
  schemas: () => Object.keys(writeSchemas()).map((file) => file.replace(/\.schema\.json$/, "")),
});

/** Bytes. */
const most = 16 * 2 ** 20;

function readProjectFile(directory: string): string {
  try {
    return readFileGuarded(join(directory, "cozeform.yaml"), { most, links: "follow" }).toString();
  } catch {
    return "";
  }
}
