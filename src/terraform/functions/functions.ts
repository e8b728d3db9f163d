import { isUtf8 } from "node:buffer";
import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import type { SchemaError } from "../../core/schema-errors.ts";
import type { Json } from "../../core/value.ts";
import { readFileGuarded, UnfitFile } from "../../files/guarded-reading.ts";
import {
  checkName,
  checkRealPath,
  outside,
  type PathFault,
  realOfNearest,
} from "../../files/project-paths.ts";
import { sentence } from "../provider/text.ts";
import type { FunctionSchema } from "../schema/attribute.ts";
import { decodeManifest } from "./decode-manifest.ts";
import { readDocuments, type TextFault } from "./yaml-documents.ts";

const yaml = {
  name: "yaml",
  type: "string",
  description: 'The text of the manifests: `file("bot.yaml")`, or `templatefile(…)` where they hold `${…}`.',
} as const;

const directory = {
  name: "directory",
  type: "string",
  description:
    "Where the files are that the manifests name, such as `path.module`; at most one. Without it, paths are taken as they are.",
} as const;

const common =
  "`spec` has every attribute of the resource of the kind, null where the manifest gives none. Texts in files are read, " +
  "paths of files are put below `directory`, words such as `api` are written out, maps of anything become JSON. " +
  "References stay the names that the manifest uses; checks, dependencies and lifecycle are left out.";

/** The functions that configurations call as `provider::coze::NAME(…)`. */
export const functionSchemas: { readonly [name: string]: FunctionSchema } = {
  manifest: {
    summary: "Reads one manifest of cozeform's.",
    description: `Gives \`{kind, name, spec}\` of a text that holds one manifest. ${common}`,
    parameters: [yaml],
    variadic: directory,
    returns: "dynamic",
  },
  manifests: {
    summary: "Reads the manifests of a text of cozeform's.",
    description: `Gives a tuple of \`{kind, name, spec}\`, one for each document of the text. ${common}`,
    parameters: [yaml],
    variadic: directory,
    returns: "dynamic",
  },
};

/** What a function gives, or what is wrong with its arguments. */
export type Called = { readonly value: Json } | { readonly error: string; readonly argument?: number };

/** Calls a function of {@link functionSchemas}; reads only files that its arguments name. */
export async function callFunction(name: string, args: readonly Json[]): Promise<Called> {
  const [text, place, ...others] = args;
  if (others.length > 0) return { error: "there can be only one directory", argument: 2 };
  const read = await readManifests(String(text), typeof place === "string" ? place : undefined);
  if ("error" in read || name === "manifests") return read;
  const [only, second] = read.value;
  if (second !== undefined) {
    const error = `the text holds ${read.value.length} manifests: read them with provider::coze::manifests`;
    return { error, argument: 0 };
  }
  return only === undefined ? { error: "the text holds no manifest", argument: 0 } : { value: only };
}

async function readManifests(
  given: string,
  below: string | undefined,
): Promise<{ readonly value: readonly Json[] } | { readonly error: string; readonly argument: number }> {
  const judge = (file: string) => judgeFile(file, below);
  const { documents, faults } = await readDocuments(given.replaceAll("\r\n", "\n"));
  const decoded = documents.map((document) =>
    decodeManifest(document, { directory: below, readText, judge }),
  );
  const all = [...faults, ...decoded.flatMap((one) => ("faults" in one ? one.faults : []))];
  if (all.length > 0) return { error: describeFaults(all), argument: 0 };
  return { value: decoded.flatMap((one) => ("manifest" in one ? [one.manifest] : [])) };
}

/** Nobody reads more at once. */
const mostTold = 20;

function describeFaults(faults: readonly TextFault[]): string {
  const lines = faults.slice(0, mostTold).map(({ line, column, message, hint }) => {
    const next = hint === undefined ? "" : ` ${sentence(hint)}`;
    return `line ${line}, column ${column}: ${message}${hint === undefined ? "" : "."}${next}`;
  });
  const rest = faults.length - lines.length;
  // Terraform puts a full stop behind the whole.
  return [...lines, ...(rest > 0 ? [`… and ${rest} more`] : [])].join("\n").replace(/\.$/u, "");
}

/** Manifests have the same files read here as everywhere; a path without a directory is the configuration's own. */
function judgeFile(file: string, below: string | undefined): PathFault | undefined {
  const fault = checkName(file);
  if (below === undefined) return fault?.reason === "hidden" ? undefined : fault;
  if (fault) return fault;
  let real: string;
  let directory: string;
  try {
    directory = realpathSync(below);
    // Whether a file is there is told of no folder outside.
    real = realOfNearest(resolve(below, file));
  } catch {
    return undefined;
  }
  const found = checkRealPath({ directory, allowed: [] }, real);
  return found === outside ? leavingLink : found;
}

const leavingLink: PathFault = {
  reason: "outside",
  message: "is, or is behind, a link that leads out of the directory",
  hint: "copy the file into the directory",
};

/** Bytes. No text that Coze takes comes near. */
const longestText = 16 * 2 ** 20;

function readText(path: string): { readonly text: string } | SchemaError {
  try {
    const bytes = readFileGuarded(path, { most: longestText, links: "follow" });
    if (!isUtf8(bytes)) return { said: `${path} isn't UTF-8 text`, hint: "save it as UTF-8" };
    return { text: new TextDecoder().decode(bytes).replaceAll("\r\n", "\n") };
  } catch (error) {
    if (error instanceof UnfitFile) {
      const hint = error.reason === "size" ? "split it, or leave it out" : "name a file";
      return { said: `${path} is ${error.what}`, hint };
    }
    const hint =
      "give the directory that the manifest's paths are below as second argument, such as path.module";
    return { said: `${path} can't be read`, hint };
  }
}
