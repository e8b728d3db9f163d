import type { Diagnostic } from "../core/diagnostic.ts";
import type { Fields } from "../core/field.ts";
import { mapLeaves, type Path, shapesIn } from "../core/spec-walk.ts";
import { kinds } from "../kinds/index.ts";
import { secretRule } from "../manifest/checks/rules.ts";
import type { Project } from "../manifest/load.ts";
import { explain } from "../messages/text.ts";
import { findSecrets } from "../secrets/detection.ts";
import type { Redaction } from "../secrets/redaction.ts";
import { readSecretAt, sourceOf } from "./credentials.ts";
import type { Env, Trust } from "./trust.ts";

/** Adds a project's secrets to the redaction: tokens, keys, and the values of sensitive fields. */
export async function learnFromProject(
  secrets: Redaction,
  project: Project,
  env: Env,
  trust: Trust,
): Promise<void> {
  const reading = { env, directory: project.directory, trust };
  const { auth, credentials, variables } = project.environment;
  for (const one of [auth, ...Object.values(credentials)]) {
    if (one) secrets.add(await readSecretAt(reading, sourceOf(one)));
  }
  for (const value of Object.values(variables)) {
    if (typeof value === "string" && findSecrets(value).length > 0) secrets.add(value);
  }
  const secretive = new Set(
    kinds.filter(({ fields }) => shapesIn(fields).some(({ sensitive }) => sensitive)).map(({ name }) => name),
  );
  for (const { kind, spec } of project.resources) {
    if (!secretive.has(kind)) continue;
    mapLeaves(fieldsOf(kind), spec, ({ value, sensitive }) => {
      if (sensitive) secrets.add(...textsIn(value));
      return value;
    });
  }
}

const fieldsOf = (kind: string): Fields => kinds.find(({ name }) => name === kind)?.fields ?? {};

/** Whether a text in a value fits. */
function someText(value: unknown, fits: (text: string) => boolean): boolean {
  if (typeof value === "string") return fits(value);
  if (typeof value === "number") return fits(String(value));
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((inner) => someText(inner, fits));
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "number") return [String(value)];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/**
 * Reports secrets in fields that aren't sensitive, and in checks: they would be shown, stored and saved in clear, or
 * repeated in replies. Files with a secret in the YAML text are reported when they are parsed.
 */
export function findOpenSecrets(secrets: Redaction, project: Project): readonly Diagnostic[] {
  const open = { code: "secret-in-clear", severity: "error", ...explain("commands/open-secret") } as const;
  const reported = new Set(
    project.diagnostics.flatMap(({ code, at }) => (code === open.code && at ? [at.file] : [])),
  );
  const isKnown = (text: string): boolean => secrets.redact(text) !== text;
  return project.resources
    .filter(({ at }) => !reported.has(at.file))
    .flatMap((resource): readonly Diagnostic[] => {
      const { address, kind, spec, checks = [], allows = [] } = resource;
      // What is known as a secret can't be allowed: it gives access.
      const isAllowed = allows.some(({ rule }) => rule === secretRule);
      const isOpen = (text: string): boolean => isKnown(text) || (!isAllowed && findSecrets(text).length > 0);
      if (isOpen(address)) return [{ ...open, at: resource.at }];
      const paths: Path[] = [];
      // Hardly any has one, and a walk with paths takes longer.
      if (someText(spec, isOpen))
        mapLeaves(fieldsOf(kind), spec, ({ value, path, sensitive }) => {
          if (!sensitive && someText(value, isOpen)) paths.push(path);
          return value;
        });
      const places = [
        ...paths.map((path) => resource.locate(path)),
        ...checks.filter((check) => someText(check, isOpen)).map(({ at }) => at),
      ];
      return places.map((at) => ({ ...open, at, address }));
    });
}
