import type { Spec } from "../core/field.ts";
import { canonicalJson, isObject, type Json, type Values } from "../core/value.ts";
import type { SourceName } from "../kind/copying.ts";
import type { FieldProblem } from "../kind/schema.ts";
import { explain } from "../messages/text.ts";
import { decimalId } from "./response-values.ts";

/** https://docs.coze.cn/developer_guides/copy_resource_task */
export const copyFields = {
  type: {
    type: "enum",
    values: ["bot", "app", "workflow"],
    presence: "required",
    immutable: true,
    description: "What is copied.",
  },
  source: {
    type: "object",
    presence: "required",
    immutable: true,
    readable: false,
    equal: (want: Json, applied: Json) => isSameSource(want as Source, applied as Source),
    exactlyOne: ["id", "bot", "workflow", "app"],
    description:
      "The original. The token's user must be in its workspace and in the one it is copied to; objects of a personal workspace can only be copied within it.",
    fields: {
      environment: {
        type: "string",
        names: "environment",
        presence: "optional",
        description:
          "The environment of the project that has the original: the original is then named by its name there, or by the name of the Copy or Bot that creates it there. In that environment itself nothing is copied, and the Copy is the original.",
      },
      id: { ...decimalId, presence: "optional", description: "Its id." },
      bot: {
        type: "ref",
        kind: "Bot",
        elsewhere: "environment",
        presence: "optional",
        description: "A bot.",
        inManifests: "With `environment`, its name there.",
      },
      workflow: {
        type: "ref",
        kind: "Workflow",
        elsewhere: "environment",
        presence: "optional",
        description: "A workflow.",
        inManifests: "A `lookup` names the `workspace` that holds it. With `environment`, its name there.",
      },
      app: {
        type: "string",
        minLength: 1,
        elsewhere: "environment",
        lookup: "App",
        presence: "optional",
        description: "With `environment`, the name of an app there.",
        inManifests: "Without it, a `lookup`, which names the `workspace` that holds the app.",
      },
      called: {
        type: "string",
        elsewhere: "environment",
        presence: "computed",
        description: "What Coze calls the original that was found by `environment`.",
      },
    },
  },
  workspace: {
    type: "ref",
    kind: "Workspace",
    presence: "required",
    immutable: true,
    description: "The workspace that the copy is made in.",
  },
  revision: {
    type: "string",
    presence: "optional",
    immutable: true,
    readable: false,
    sticky: true,
    maxLength: 100,
    description:
      "Any text. Another text makes a new copy: references move to it, and the old copy stays in Coze.",
    inManifests: "Without it, only `promote` makes a new copy, when the original has changed.",
  },
  name: {
    type: "string",
    presence: "computed",
    description: "What the copy is called; Coze takes it from the original.",
  },
} as const;

export type CopySpec = Spec<typeof copyFields>;

/** What a copy is made from; `called` is the name that Coze has for it, once it was found. */
export type Source = Partial<CopySpec>["source"] & { readonly called?: string | undefined };

/** The words by which a source is named, each the type that it makes. */
const words = ["bot", "workflow", "app"] as const;

/** What a source with an environment names there. */
export function sourceNameOf(source: Source | undefined): SourceName | undefined {
  const environment = source?.environment;
  const type = words.find((word) => source?.[word] !== undefined);
  const name = type && source?.[type];
  if (environment === undefined || !type || name === undefined) return undefined;
  return { environment, type, name, path: ["source", type] };
}

/** The id of a source; of one that is named in another environment, once it was found. */
export const sourceIdOf = (source: Source | undefined): string | undefined =>
  source?.environment === undefined
    ? (source?.id ?? source?.bot ?? source?.workflow ?? source?.app)
    : source.id;

/** A name stands for the same source whatever its id; between a name and an id, the id that was found counts. */
function isSameSource(one: Source, other: Source): boolean {
  const [name, otherName] = [one, other].map(sourceNameOf);
  if (name && otherName) return canonicalJson(name) === canonicalJson(otherName);
  const [id, otherId] = [one, other].map(sourceIdOf);
  return id !== undefined && id === otherId;
}

/** Rules between the type of a copy and the words that name its source. */
export function checkCopy({ type, source }: Values): readonly FieldProblem[] {
  if (!isObject(source)) return [];
  const word = words.find((name) => name in source);
  const { environment } = source;
  if (environment !== undefined && word === undefined) {
    const problem = explain("kinds/copy-source-unnamed", { type: String(type) });
    return [{ path: ["source", "environment"], ...problem }];
  }
  if (word !== undefined && word !== type) {
    const problem = explain("kinds/copy-type-differs", { type: String(type), word });
    return [{ path: ["source", word], ...problem }];
  }
  if (word === "app" && environment === undefined && typeof source.app === "string") {
    return [{ path: ["source", word], ...explain("kinds/app-elsewhere") }];
  }
  return [];
}
