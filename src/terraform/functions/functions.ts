import { isUtf8 } from "node:buffer";
import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import type { Diagnostic } from "../../core/diagnostic.ts";
import type { SchemaError } from "../../core/schema-errors.ts";
import type { Json } from "../../core/value.ts";
import { readFileGuarded, UnfitFile } from "../../files/guarded-reading.ts";
import { checkName, checkRealPath, type PathFault, realOfNearest } from "../../files/project-paths.ts";
import { sentence } from "../provider/text.ts";

/** What a function gives, or what is wrong with its arguments. */
export type FunctionResult =
  | { readonly value: Json }
  | { readonly error: string; readonly argument?: number };

/** Calls a function of {@link functionSchemas}; reads only files that its arguments name. */
export async function callFunction(name: string, args: readonly Json[]): Promise<FunctionResult> {
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
  text: string,
  directory: string | undefined,
): Promise<{ readonly value: readonly Json[] } | { readonly error: string; readonly argument: number }> {
  // Few configurations call for it, and the provider is started many times in a run.
  const { decodeManifests } = await import("./decode-manifest.ts");
  const judge = (file: string) => judgeFile(file, directory);
  const { manifests, diagnostics } = decodeManifests(text.replaceAll("\r\n", "\n"), {
    directory,
    readText,
    judge,
  });
  return diagnostics.length > 0
    ? { error: describeProblems(diagnostics), argument: 0 }
    : { value: manifests };
}

/** More diagnostics than these are only counted. */
const mostShown = 20;

function describeProblems(diagnostics: readonly Diagnostic[]): string {
  const lines = diagnostics.slice(0, mostShown).map(({ at, message, hint }) => {
    const next = hint === undefined ? "" : ` ${sentence(hint)}`;
    return `line ${at?.line}, column ${at?.column}: ${message}${hint === undefined ? "" : "."}${next}`;
  });
  const rest = diagnostics.length - lines.length;
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
    // Messages must not reveal which files exist outside the directory.
    real = realOfNearest(resolve(below, file));
  } catch {
    return undefined;
  }
  return checkRealPath({ directory, allowed: [] }, real);
}

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
