import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson, isObject, type Json } from "../../src/core/value.ts";
import type { World } from "../../src/emulator/index.ts";
import type { Entry, Release } from "../../src/kind/state-entry.ts";
import type { ReleaseText } from "../../src/state/release-texts.ts";
import { parseState } from "../../src/state/state-file.ts";
import { nameIds } from "./world.ts";

/** The file that holds the state of an environment. */
export const stateFileOf = (directory: string, environment: string): string =>
  join(directory, ".cozeform", `${environment}.state.json`);

/** What is remembered, with ids as what they name, who may read it, and what lies beside it that shouldn't. */
export function describeState(directory: string, environment: string, world: World) {
  const file = stateFileOf(directory, environment);
  const { resources, files, promotion } = parseState(readFileSync(file), file);
  const { begun: _, ...told } = promotion ?? { begun: 0 };
  const texts = readTexts(join(directory, ".cozeform", `${environment}.releases`));
  const entries = Object.entries(resources).map(
    ([address, entry]) => [address, describeEntry(entry, world, texts)] as const,
  );
  const named = Object.values(resources).flatMap(({ history = [] }) => history.map(({ content }) => content));
  return {
    resources: nameIds(world)(Object.fromEntries(entries)),
    promotion: told,
    files: Object.keys(files).sort(),
    unnamedTexts: [...texts.keys()].filter((hash) => !named.includes(hash)),
    mode: (statSync(file).mode & 0o777).toString(8),
    leftover: ["journal", "lock"].filter((name) =>
      existsSync(join(directory, ".cozeform", `${environment}.${name}`)),
    ),
  };
}

/** An entry without times, and without stored forms, which a run that was cut off hasn't read; what was published in place of the version that Coze gave it. */
function describeEntry({ history, read: _, ...entry }: Entry, world: World, texts: Texts) {
  const releases = history?.map(({ at: _, ...release }) => describeRelease(release, world, texts));
  return { ...entry, ...showVersion(entry, world), ...(releases ? { history: releases } : {}) };
}

/** What is empty may stand there or not: a run that finds an object half-made has seen what Coze shows of it. */
function describeRelease(
  { content, spec: inside, managed: ofInside, ...release }: Omit<Release, "at">,
  world: World,
  texts: Texts,
) {
  const told = { ...release, ...showVersion(release, world) };
  if (content === undefined && inside === undefined) return told;
  // A state that machines share contains the texts, and names none besides.
  const text = content === undefined ? undefined : texts.get(content);
  if (content !== undefined && (!text || inside))
    return { ...told, spec: "a text that is gone or twice there" };
  const { spec, managed } = inside
    ? { spec: inside, managed: ofInside }
    : (JSON.parse(text ?? "") as ReleaseText);
  return { ...told, spec: leaveOutEmpty(spec), ...(managed ? { managed } : {}) };
}

/** The configurations of releases by their hashes. */
type Texts = ReadonlyMap<string, string>;

const readTexts = (folder: string): Texts =>
  new Map(
    (existsSync(folder) ? readdirSync(folder) : [])
      .filter((name) => name.endsWith(".json"))
      .map((name) => [name.replace(".json", ""), readFileSync(join(folder, name), "utf8")]),
  );

function showVersion({ id = "", version }: Pick<Entry, "id" | "version">, world: World) {
  if (version === undefined) return {};
  const found = world.bots.get(id)?.versions.find((one) => one.version === version);
  return {
    version: found ? { connectors: found.connector_ids, ...found.config } : "a version that Coze never made",
  };
}

function leaveOutEmpty(value: Json): Json {
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([name, one]) => [name, leaveOutEmpty(one)] as const);
  return Object.fromEntries(entries.filter(([, one]) => !isEmpty(one)));
}

/** Also what Coze shows of a bot for which nothing was said. */
const isEmpty = (value: Json): boolean =>
  canonicalJson(value) === '{"mode":"enable"}' ||
  value === "" ||
  (typeof value === "object" && value !== null && Object.keys(value).length === 0);
