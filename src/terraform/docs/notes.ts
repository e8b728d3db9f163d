import type { Field, Fields } from "../../core/field.ts";
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
];

function noteRemoval(kind: KindSchema): readonly string[] {
  const effects = kind.effects?.("remove", { changed: new Set() }) ?? [];
  const told = effects.map(({ text, needs }) => {
    const refused =
      needs === "allow-ownership-transfer"
        ? " It is refused unless the provider has `allow_ownership_transfer = true`; `terraform state rm` drops it from the state and leaves it at Coze."
        : "";
    return `Removing it ${text}.${refused}`;
  });
  if (kind.removal !== "abandon") return told;
  const undone = [...new Set((kind.followUps ?? []).flatMap(({ fields }) => fields))];
  const first =
    undone.length === 0
      ? ""
      : ` What the configuration gave in ${inWords(codes(undone), "and")} is undone first.`;
  return [
    ...told,
    `Coze's API can't delete it: a destroy lets go of it with a warning, and it stays at Coze.${first} A creation that fails halfway is taken up by the next apply, not made twice; a warning says when to import it instead.`,
  ];
}

function noteReplacement({ replacement, removal }: KindSchema): readonly string[] {
  if (replacement === "create-first") {
    return [
      "`lifecycle { create_before_destroy = true }` has a replacement ready before the old one goes, so that nothing is without it for a while; until then both are there. Terraform treats what the resource refers to likewise.",
    ];
  }
  return removal === "abandon" ? ["When it is replaced, the old one stays at Coze."] : [];
}

function noteHidden({ fields }: KindSchema): readonly string[] {
  const isHidden = (field: Field) => field.readable === false && field.presence !== "computed";
  const hidden = pathsOf(fields, isHidden);
  if (hidden.length === 0) return [];
  const guessed = pathsOf(fields, (field) => isHidden(field) && field.default !== undefined);
  const believed = hidden.filter((path) => !guessed.includes(path));
  const unseen = `Coze never shows ${inWords(codes(hidden), "and")}: changes that somebody makes there aren't noticed`;
  if (guessed.length === 0) return [`${unseen}, and after an import the configuration is believed.`];
  const trust =
    believed.length === 0
      ? ""
      : `the configuration is believed about ${inWords(codes(believed), "and")}, and nothing is sent; `;
  return [
    `${unseen}.`,
    `After an import ${trust}${inWords(codes(guessed), "and")} count as holding their defaults, so that another value in the configuration is planned and sent once, like any change.`,
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
    `Creations that run at the same time travel in one call, up to ${createMany.limit}${removals}. Terraform runs 10 at a time, unless \`-parallelism\` says otherwise.`,
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
      `One with \`${condition}\` becomes a \`${resourceType(target)}\` by a \`moved\` block: then only what it is counts, not how it was made.`,
    ];
  });
}

/** By what an object is imported, in words. */
export function describeImport(kind: KindSchema): string {
  const holder = kind.parent === undefined ? "" : `${kind.parent.toUpperCase()}_ID/`;
  const name = kind.identity.find((one) => one !== kind.parent);
  const byName = name !== undefined && showsIdentity(kind) ? [`${holder}${name.toUpperCase()}`] : [];
  // What holds it has to be told: the id is a user's.
  const byId = kind.unique ? [] : [...(holder === "" ? [] : [`${holder}ID`]), "ID"];
  const ways = inWords(codes([...byName, ...byId]), "or");
  return `An object that is there already is taken over by ${ways}, in an \`import\` block or by the command:`;
}
