import type { Field, Fields } from "../../core/field.ts";
import { awaitedKinds } from "../../kind/awaited-contents.ts";
import { holderKind } from "../../kind/holder.ts";
import { showsIdentity } from "../../kind/identity-match.ts";
import type { KindSchema } from "../../kind/schema.ts";
import { resourceType } from "../schema/names.ts";
import { ownFields } from "../schema/resource-schema.ts";
import { codes, inWords } from "./markdown.ts";

/** What one has to know of a kind beside its attributes, a sentence or two each: what its resources can and can't. */
export const writeNotes = (kind: KindSchema, kinds: readonly KindSchema[]): readonly string[] => [
  ...noteRemoval(kind),
  ...noteReplacement(kind),
  ...noteHidden(kind),
  ...noteBatches(kind),
  ...noteMoves(kind, kinds),
  ...noteContents(kind, kinds),
  ...noteRefusals(kind),
];

function noteRemoval(kind: KindSchema): readonly string[] {
  const effects = kind.effects?.("remove", { changed: new Set() }) ?? [];
  const told = effects.map(({ text, needs }) => {
    const refused =
      needs === "allow-ownership-transfer"
        ? " It is refused unless the provider has `allow_ownership_transfer = true`; `terraform state rm` only removes it from the state."
        : "";
    return `Removing it ${text}.${refused}`;
  });
  if (kind.removal !== "abandon") return told;
  const undone = [...new Set((kind.followUps ?? []).flatMap(({ fields }) => fields))];
  const first =
    undone.length === 0
      ? ""
      : ` What the configuration set in ${inWords(codes(undone), "and")} is undone first.`;
  return [
    ...told,
    `Coze's API can't delete it: a destroy removes it from the state with a warning, and it stays in Coze.${first} The next apply continues a creation that failed halfway instead of repeating it; a warning says when to import the object instead.`,
  ];
}

function noteReplacement({ replacement, removal }: KindSchema): readonly string[] {
  if (replacement === "create-first") {
    return [
      "With `lifecycle { create_before_destroy = true }` a replacement is ready before the old object is deleted, so nothing is without it; until then both exist. Terraform then also creates replacements of what the resource refers to first.",
    ];
  }
  return removal === "abandon" ? ["A replacement leaves the old object in Coze."] : [];
}

function noteHidden({ fields }: KindSchema): readonly string[] {
  const isHidden = (field: Field) => field.readable === false && field.presence !== "computed";
  const hidden = pathsOf(fields, isHidden);
  if (hidden.length === 0) return [];
  const guessed = pathsOf(fields, (field) => isHidden(field) && field.default !== undefined);
  const assumed = hidden.filter((path) => !guessed.includes(path));
  const unseen = `Coze never returns ${inWords(codes(hidden), "and")}: changes made in Coze aren't noticed`;
  if (guessed.length === 0) return [`${unseen}, and after an import the configuration is assumed to match.`];
  const trust =
    assumed.length === 0
      ? ""
      : `the configuration is assumed to match in ${inWords(codes(assumed), "and")}, and nothing is sent; `;
  return [
    `${unseen}.`,
    `After an import ${trust}${inWords(codes(guessed), "and")} are assumed to have their defaults, so another value in the configuration is planned and sent once.`,
  ];
}

/** Dotted paths of fields, without what is in those that are found. */
function pathsOf(fields: Fields, fits: (field: Field) => boolean): readonly string[] {
  return Object.entries(ownFields(fields)).flatMap(([name, field]) => {
    if (fits(field)) return [name];
    const inner =
      field.type === "object"
        ? field.fields
        : field.type === "list" && field.items.type === "object"
          ? field.items.fields
          : {};
    return pathsOf(inner, fits).map((path) => `${name}.${path}`);
  });
}

function noteBatches({ createMany, removeMany }: KindSchema): readonly string[] {
  if (!createMany) return [];
  const removals = removeMany === undefined ? "" : `, removals up to ${removeMany.limit}`;
  return [
    `Creations that run at the same time are sent in one call, up to ${createMany.limit}${removals}. Terraform runs 10 at a time unless \`-parallelism\` says otherwise.`,
  ];
}

/** Of a kind whose objects another one may manage: which, for which words of its fields. */
function noteMoves(kind: KindSchema, kinds: readonly KindSchema[]): readonly string[] {
  const words = Object.entries(kind.fields).flatMap(([name, field]) =>
    field.type === "enum" ? field.values.map((value) => [name, value] as const) : [],
  );
  return words.flatMap(([name, value]) => {
    const target = kinds.find((one) => one.name === kind.copying?.becomes({ [name]: value }));
    if (!target) return [];
    const condition = `${name} = ${JSON.stringify(value)}`;
    return [
      `One with \`${condition}\` becomes a \`${resourceType(target)}\` by a \`moved\` block: then the settings of its creation no longer matter.`,
    ];
  });
}

/** Of a kind that refers to others whose contents Coze processes: Terraform doesn't know of the contents. */
function noteContents(kind: KindSchema, kinds: readonly KindSchema[]): readonly string[] {
  const held = kinds.filter(({ processed }) => processed).map((one) => ({ one, holder: holderKind(one) }));
  return awaitedKinds(kind).flatMap((holder) =>
    held
      .filter((content) => content.holder === holder)
      .map(({ one }) => {
        const [own, content, within] = [kind, one, { name: holder }].map((each) => resourceType(each));
        return `Terraform sees no dependency between a \`${own}\` and the \`${content}\` of its \`${within}\`. With \`depends_on = [${content}.NAME]\` it is changed and published only once these are ready, and stays as it is when one of them fails.`;
      }),
  );
}

function noteRefusals({ processed }: KindSchema): readonly string[] {
  if (!processed) return [];
  return [
    "Terraform replaces one that Coze failed to process, or whose content it rejects, at the next apply. `terraform untaint` keeps a rejected one as it is until its content changes.",
  ];
}

/** By what an object is imported, in words. */
export function describeImport(kind: KindSchema): string {
  const holder = kind.parent === undefined ? "" : `${kind.parent.toUpperCase()}_ID/`;
  const name = kind.identity.find((one) => one !== kind.parent);
  const byName = name !== undefined && showsIdentity(kind) ? [`${holder}${name.toUpperCase()}`] : [];
  // What holds it has to be told: the id is a user's.
  const byId = kind.unique ? [] : [...(holder === "" ? [] : [`${holder}ID`]), "ID"];
  const ways = inWords(codes([...byName, ...byId]), "or");
  return `An existing object is imported by ${ways}, in an \`import\` block or by the command:`;
}
