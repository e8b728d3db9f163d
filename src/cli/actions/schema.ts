import { join } from "node:path";
import { findProject, findProjectFile } from "../../commands/find-project.ts";
import { writeSchemas } from "../../commands/schema.ts";
import { makeFolders, refuseStray, sweepDrafts, writeFileGuarded } from "../../files/guarded-writing.ts";
import { explain } from "../../messages/text.ts";
import { ExitCode, UsageError } from "../exit-code.ts";
import type { Session } from "../session.ts";

/** Runs `schema`. */
export async function runSchema(
  session: Session,
  { out }: { readonly out?: string },
  kind = "manifest",
): Promise<ExitCode> {
  const schemas = writeSchemas(await findDefaulted(session));
  if (out !== undefined) await writeAll(session, schemas, out);
  else session.print(chooseSchema(schemas, kind));
  return ExitCode.done;
}

/** The fields that the defaults of the project around give; none without a project file. */
async function findDefaulted(session: Session): Promise<Parameters<typeof writeSchemas>[0]> {
  const { cwd, env } = session.io;
  // What keeps other commands from a project is no concern of the schemas.
  const found = await findProject({ cwd, env }).catch(() => undefined);
  if (!found || (await findProjectFile(found.directory)) === undefined) return undefined;
  const { directory } = found;
  const { readProject } = await import("../../commands/project.ts");
  return (await readProject(session.host(), { directory })).defaulted;
}

async function writeAll(session: Session, schemas: Schemas, out: string): Promise<void> {
  const directory = session.path(out);
  refuseStray(directory, session.io.cwd);
  makeFolders(directory);
  sweepDrafts(directory);
  for (const [file, text] of Object.entries(schemas)) {
    writeFileGuarded(join(directory, file), text, { mode: 0o644 });
  }
  session.print(
    Object.keys(schemas)
      .map((file) => `${join(out, file)}\n`)
      .join(""),
  );
}

type Schemas = { readonly [file: string]: string };

function chooseSchema(schemas: Schemas, kind: string): string {
  const fold = (text: string): string => text.replaceAll("-", "").toLowerCase();
  const name = namesOf(schemas).find((one) => fold(one) === fold(kind));
  const text = name === undefined ? undefined : schemas[`${name}.schema.json`];
  if (text !== undefined) return text;
  throw new UsageError(explain("cli/no-schema", { name: kind, names: namesOf(schemas).join(", ") }));
}

const namesOf = (schemas: Schemas): readonly string[] =>
  Object.keys(schemas).map((file) => file.replace(/\.schema\.json$/, ""));
