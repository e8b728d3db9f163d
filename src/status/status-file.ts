import { formatPath } from "../core/spec-walk.ts";
import type { Json, Values } from "../core/value.ts";
import type { Ahead, FieldStanding } from "./field-standings.ts";
import type { ResourceStatus } from "./status.ts";

/** The version of the shape of the document. */
const statusFormat = 1;

/**
 * A status as JSON: `format`, `environment`, `differs`, `calls`, and `resources`: each with `address`, `kind`, `id`,
 * `standing`, of `unknown` the ids of the objects (`existing`), its `fields` that differ: each with `path`, `ahead` (one or two of `manifest`,
 * `live`, `both`, `draft`) and the values of the sides that differ, by the names `manifest`, `live` and `published` (of a
 * secret none, and `sensitive`), and with `edited` and `published`: who
 * changed and who published it last, each with `name`, `user`, `at`, `changelog` and `version` as far as Coze tells.
 */
export const writeStatus = ({
  environment,
  resources,
  calls,
}: {
  readonly environment: string;
  readonly resources: readonly ResourceStatus[];
  readonly calls: number;
}): { readonly [key: string]: Json } => ({
  format: statusFormat,
  environment,
  differs: resources.some(({ standing }) => standing !== "equal"),
  calls,
  resources: resources.map(({ address, kind, id, standing, existing, fields, hold, edited, published }) => ({
    address,
    kind,
    ...(id === undefined ? {} : { id }),
    standing,
    ...(existing ? { existing } : {}),
    fields: groupFields(fields).map(describeField),
    ...(hold ? { hold: { release: hold.release, at: hold.at } } : {}),
    ...(edited ? { edited: withoutUndefined({ ...edited }) } : {}),
    ...(published ? { published: withoutUndefined({ ...published }) } : {}),
  })),
});

/** The sides of a change, by who is ahead. */
const sides: { readonly [A in Ahead]: readonly [before: Side, after: Side] } = {
  manifest: ["live", "manifest"],
  both: ["live", "manifest"],
  live: ["manifest", "live"],
  draft: ["published", "live"],
};

type Side = "manifest" | "live" | "published";

/** A field with every side that differs from another one. */
function describeField(standings: readonly [FieldStanding, ...FieldStanding[]]): Json {
  const [{ change }] = standings;
  const values = standings.flatMap(({ ahead, change: { before, after } }): [Side, Json | undefined][] => [
    [sides[ahead][0], before],
    [sides[ahead][1], after],
  ]);
  return {
    path: formatPath(change.path),
    ahead: standings.map(({ ahead }) => ahead),
    ...(change.sensitive ? { sensitive: true } : withoutUndefined(Object.fromEntries(values))),
  };
}

/** The standings of each field. */
function groupFields(fields: readonly FieldStanding[]): readonly [FieldStanding, ...FieldStanding[]][] {
  const byPath = new Map<string, [FieldStanding, ...FieldStanding[]]>();
  for (const one of fields) {
    const path = formatPath(one.change.path);
    const known = byPath.get(path);
    if (known) known.push(one);
    else byPath.set(path, [one]);
  }
  return [...byPath.values()];
}

const withoutUndefined = (values: { readonly [name: string]: Json | undefined }): Values =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
