import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { decodeUtf8, findTextFault } from "../../core/content-faults.ts";
import type { Diagnostic } from "../../core/diagnostic.ts";
import type { Json } from "../../core/value.ts";
import { readFileGuarded, UnfitFile } from "../../files/guarded-reading.ts";
import { checkName, checkRealPath, type PathFault, realOfNearest } from "../../files/project-paths.ts";
import { explain, say } from "../../messages/text.ts";
import { type Problem, sentence } from "../provider/text.ts";

/** What a function gives, or what is wrong with its arguments. */
export type FunctionResult =
  | { readonly value: Json }
  | { readonly error: string; readonly argument?: number };

/** Calls a function of {@link functionSchemas}; reads only files that its arguments name. */
export async function callFunction(name: string, args: readonly Json[]): Promise<FunctionResult> {
  const [text, place, ...others] = args;
  if (others.length > 0) return { error: say("terraform-functions/directory-twice"), argument: 2 };
  const read = await readManifests(String(text), typeof place === "string" ? place : undefined);
  if ("error" in read || name === "manifests") return read;
  const [only, second] = read.value;
  if (second !== undefined) {
    const error = say("terraform-functions/several-manifests", { count: read.value.length });
    return { error, argument: 0 };
  }
  return only === undefined
    ? { error: say("terraform-functions/no-manifest"), argument: 0 }
    : { value: only };
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
  const lines = diagnostics.slice(0, mostShown).map(({ at, message: problem, hint }) => {
    const { line = 0, column = 0 } = at ?? {};
    return hint === undefined
      ? say("terraform-functions/problem", { line, column, problem })
      : say("terraform-functions/problem-and-hint", { line, column, problem, hint: sentence(hint) });
  });
  const count = diagnostics.length - lines.length;
  const rest = count > 0 ? [say("terraform-functions/more-problems", { count })] : [];
  // Terraform puts a full stop behind the whole.
  return [...lines, ...rest].join("\n").replace(/\.$/u, "");
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

function readText(path: string): { readonly text: string } | Problem {
  try {
    const bytes = readFileGuarded(path, { most: longestText, links: "follow" });
    return findTextFault(path, bytes) ?? { text: decodeUtf8(bytes)?.replaceAll("\r\n", "\n") ?? "" };
  } catch (error) {
    if (!(error instanceof UnfitFile)) return explain("terraform-functions/file-unreadable", { file: path });
    const { message, reason } = error;
    const hint =
      reason === "size" ? say("terraform-functions/file-too-large") : say("terraform-functions/name-file");
    return { message, hint };
  }
}
