import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { writeSchemas } from "../commands/schema.ts";
import { readProject } from "../commands/session.ts";
import { listState } from "../commands/state.ts";
import { isObject } from "../core/value.ts";
import type { WordSources } from "./completion.ts";
import { projectOptions } from "./options.ts";
import type { Session } from "./session.ts";

/** Words out of the project that the command line names; none when it can't be read. */
export const wordSources = (session: Session): WordSources => ({
  async addresses(directory, given, wanted) {
    const options = projectOptions(session.path(directory), { color: false, logLevel: "error", ...given });
    const remembered = await listState(session.host(), options).catch(() => []);
    const { resources = [] } = wanted ? await readProject(session.host(), options) : {};
    const all = [...remembered, ...resources].map(({ address }) => address);
    return [...new Set(all)].sort();
  },
  async environments(directory) {
    const text = await readFile(join(session.path(directory), "cozeform.yaml"), "utf8").catch(() => "");
    const project: unknown = parse(text, { logLevel: "silent" });
    return isObject(project) && isObject(project.environments) ? Object.keys(project.environments) : [];
  },
  schemas: () => Object.keys(writeSchemas()).map((file) => file.replace(/\.schema\.json$/, "")),
});
