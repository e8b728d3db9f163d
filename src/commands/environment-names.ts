import { join } from "node:path";
import { parse } from "yaml";
import { isObject } from "../core/value.ts";
import { readFileGuarded } from "../files/guarded-reading.ts";
import { findProjectFile } from "./find-project.ts";

/** Bytes. */
const most = 16 * 2 ** 20;

/** The names of a project's environments, as far as its file can be read and whatever else is wrong with it. */
export async function listEnvironments(directory: string): Promise<readonly string[]> {
  const project: unknown = parse(await readProjectText(directory), { logLevel: "silent" });
  return isObject(project) && isObject(project.environments) ? Object.keys(project.environments) : [];
}

async function readProjectText(directory: string): Promise<string> {
  try {
    const file = join(directory, (await findProjectFile(directory)) ?? "cozeform.yaml");
    return readFileGuarded(file, { most, links: "follow" }).toString();
  } catch {
    return "";
  }
}
