import { InvalidInput } from "../core/diagnostic.ts";
import { readStateSettings, type StateSettings } from "../manifest/project/state-settings.ts";
import { mappingAt, valueAt } from "../manifest/yaml/source-tree.ts";
import { explain } from "../messages/text.ts";
import type { Backend } from "../state/backend.ts";
import type { Host } from "./host.ts";
import { readOptionFile } from "./option-file.ts";
import type { RunProject } from "./project.ts";
import { openKeeper } from "./state-keeper.ts";

/**
 * Opens what kept the state of a project's environment by another project file, as it was before a change; undefined
 * where that was the directory. Throws {@link InvalidInput}.
 */
export async function readFormerKeeper(
  host: Host,
  project: RunProject,
  location: string,
): Promise<Backend | undefined> {
  const { environmentName } = project;
  let settings: StateSettings | undefined;
  const file = location;
  const { sources } = await readOptionFile(location, {
    file,
    notMap: explain("commands/former-not-project", { file }),
    second: explain("commands/former-not-project", { file }),
    check(root, report) {
      const environment = valueAt(mappingAt(root, "environments"), environmentName);
      if (!environment) {
        const problem = explain("commands/former-lacks-environment", { file, name: environmentName });
        report(root.at, { code: "unknown-environment", ...problem });
      }
      settings = readStateSettings(environment);
    },
  });
  const states = new Map(settings ? [[environmentName, settings] as const] : []);
  return openKeeper(host, { ...project, states, sources }, environmentName);
}
