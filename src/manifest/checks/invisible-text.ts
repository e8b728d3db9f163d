import type { Location } from "../../core/diagnostic.ts";
import type { Fields, Shape } from "../../core/field.ts";
import { describeInvisible, findInvisible, type Invisible } from "../../core/invisible-characters.ts";
import { explain } from "../../messages/text.ts";
import type { Report } from "../problems.ts";
import type { ProjectFiles } from "../project/readable-files.ts";
import { commonParts } from "../schema/header-fields.ts";
import {
  type Mapping,
  moveBy,
  ownValue,
  placeInText,
  type Scalar,
  type SourceNode,
  valueAt,
} from "../yaml/source-tree.ts";

/**
 * Warns of invisible characters in the texts of a manifest that is put together: in all texts of its `spec` but ids,
 * addresses and names of other things, and in what its checks say. One warning for each text and character, at the
 * first place where it stands.
 */
export async function warnOfInvisible(
  root: Mapping,
  fields: Fields,
  files: Pick<ProjectFiles, "readText">,
  report: Report,
): Promise<void> {
  const spec = valueAt(root, "spec");
  const texts = [
    ...(spec ? textsIn({ type: "object", fields }, spec, isProse) : []),
    // What an answer is compared with goes to no model.
    ...textsIn({ type: "object", fields: commonParts }, root, (shape) => shape.text === true),
  ];
  for (const text of texts) {
    const value = typeof text.value === "string" ? text.value : "";
    for (const [character, offsets] of groupOffsets(findInvisible(value))) {
      const values = { character: describeInvisible(character), count: offsets.length };
      report(await locate(character, offsets[0] ?? 0, text, files), {
        code: "invisible-character",
        severity: "warning",
        ...explain("manifest/invisible", values),
      });
    }
  }
}

type Test = (shape: Extract<Shape, { readonly type: "string" }>) => boolean;

const isProse: Test = ({ text, pattern, format, names, elsewhere }) =>
  text === true || [pattern, format, names, elsewhere].every((rule) => rule === undefined);

/** The texts in a value whose shape passes a test. */
function textsIn(shape: Shape | undefined, node: SourceNode, test: Test): readonly Scalar[] {
  if (node.type === "scalar")
    return shape?.type === "string" && test(shape) && !node.broken && !node.later ? [node] : [];
  if (node.type === "list")
    return shape?.type === "list" ? node.items.flatMap((item) => textsIn(shape.items, item, test)) : [];
  return [...node.entries].flatMap(([key, { value }]) => {
    const inner = shape?.type === "object" ? ownValue(shape.fields, key) : undefined;
    return textsIn(shape?.type === "map" ? shape.values : inner, value, test);
  });
}

function groupOffsets(found: readonly Invisible[]): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  for (const { character, offset } of found) {
    const known = groups.get(character);
    if (known) known.push(offset);
    else groups.set(character, [offset]);
  }
  return groups;
}

/** Where a character first stands: in the text's own file, else where it was put in, else where its text begins. */
async function locate(
  character: string,
  offset: number,
  text: Scalar,
  files: Pick<ProjectFiles, "readText">,
): Promise<Location> {
  const { at, span, inserted = [] } = text;
  const placed = placeInText(text, offset);
  if (placed) return placed;
  const read = span && (await files.readText(at.file));
  if (read && "value" in read) {
    const raw = read.value.slice(...span);
    // A comment may stand beside the sign that a block begins with.
    const header = /^[|>][^\n]*\n/u.exec(raw)?.[0].length ?? 0;
    const found = findInvisible(raw).find((one) => one.character === character && one.offset >= header);
    if (found) return moveBy(at, raw.slice(0, found.offset));
  }
  return inserted.find((one) => one.text.includes(character))?.at ?? at;
}
