import { formatAddress } from "../core/address.ts";
import type { Values } from "../core/value.ts";
import { openNames } from "../export/addresses.ts";
import { type ManifestDraft, writeManifests } from "../export/write-manifests.ts";
import { fitSpec } from "../export/written-spec.ts";
import type { KindSchema } from "../kind/schema.ts";
import type { ForeignExport } from "../manifest/foreign-exports.ts";
import { say } from "../messages/text.ts";
import { findSecrets } from "../secrets/detection.ts";
import type { ForeignAgent, LeftPart } from "./agent.ts";

/** One export and what it holds. */
export interface ReadExport {
  /** The file as the user named it. */
  readonly file: string;
  /** A name for an agent without one: that of the file. */
  readonly title: string;
  readonly agents: readonly ForeignAgent[];
}

/** What became of one agent. */
interface ConvertedAgent {
  readonly address: string;
  readonly name: string;
  readonly left: readonly LeftPart[];
  /** Texts that don't fit, and names that had to change. */
  readonly notes: readonly string[];
  readonly model?: string | undefined;
}

/** What became of one file. */
export interface ConvertedFile extends ForeignExport {
  readonly file: string;
  readonly agents: readonly ConvertedAgent[];
}

/** Files of manifests by path, and what they say. */
export interface Composed {
  readonly files: ReadonlyMap<string, string>;
  /** By the file of the export. */
  readonly agents: ReadonlyMap<string, readonly ConvertedAgent[]>;
  /** The addresses of all manifests. */
  readonly addresses: readonly string[];
}

/** How manifests name what isn't in an export. */
export interface Surroundings {
  readonly kinds: readonly KindSchema[];
  /** The name of a Workspace manifest, or `{id: …}`; a variable stands for the id where none is known. */
  readonly workspace: { readonly name: string } | { readonly id: string };
  /** The file that holds an address already. */
  readonly fileOf: (address: string) => string | undefined;
}

// References are ids until they are written.
const workspaceId = "1000000000000000001";

/** Composes manifests of what was read: a bot for each agent, and an empty dataset for each knowledge base with a name. */
export async function composeConversion(
  exports: readonly ReadExport[],
  surroundings: Surroundings,
): Promise<Composed> {
  const composer = new Composer(surroundings, await openNames());
  const agents = new Map<string, ConvertedAgent[]>();
  for (const { file, title, agents: read } of exports) {
    const converted = read.map((agent) => composer.add(agent, { file, title }));
    agents.set(file, [...(agents.get(file) ?? []), ...converted]);
  }
  const files = writeManifests(composer.drafts, (_from, { kind }, id) => {
    if (kind !== "Workspace") return { value: composer.nameOf(id) ?? { id } };
    const { workspace } = surroundings;
    return { value: "name" in workspace ? workspace.name : { id: workspaceId } };
  });
  const written = "id" in surroundings.workspace ? surroundings.workspace.id : workspaceId;
  // What is written is escaped, so that a variable can be put in only now.
  const put = (text: string): string => text.replaceAll(`"${workspaceId}"`, JSON.stringify(written));
  return {
    files: new Map([...files].map(([name, text]) => [name, name.endsWith(".yaml") ? put(text) : text])),
    agents,
    addresses: composer.drafts.map(({ address }) => address),
  };
}

class Composer {
  readonly drafts: ManifestDraft[] = [];
  readonly #in: Surroundings;
  readonly #names: Awaited<ReturnType<typeof openNames>>;
  readonly #datasets = new Map<string, { readonly id: string; readonly name: string }>();
  readonly #titles = new Set<string>();

  constructor(surroundings: Surroundings, names: Awaited<ReturnType<typeof openNames>>) {
    this.#in = surroundings;
    this.#names = names;
  }

  nameOf(id: string): string | undefined {
    return [...this.#datasets.values()].find((one) => one.id === id)?.name;
  }

  add(agent: ForeignAgent, { file, title }: Pick<ReadExport, "file" | "title">): ConvertedAgent {
    const datasets = [...new Set(agent.datasets)].map((name) => this.#addDataset(name, file));
    const wanted = (agent.name ?? title).trim();
    const name = this.#freeTitle("Bot", wanted);
    const spec: Values = {
      workspace: workspaceId,
      name,
      ...(agent.description !== undefined && { description: agent.description }),
      ...(agent.prompt !== undefined && { prompt: agent.prompt }),
      ...onboardingOf(agent),
      ...(datasets.length > 0 && { knowledge: { datasets } }),
    };
    const renamed = name === wanted ? [] : [say("convert/renamed", { name: wanted, other: name })];
    const comments = [
      say("convert/from", { file }),
      ...(agent.model === undefined ? [] : [say("convert/model-comment", { model: agent.model })]),
    ];
    const { address, notes } = this.#draft("Bot", spec, { title: wanted, comments, notes: renamed });
    return { address, name, left: agent.left, notes, model: agent.model };
  }

  #addDataset(title: string, file: string): string {
    const known = this.#datasets.get(title);
    if (known) return known.id;
    const id = `2${String(this.#datasets.size).padStart(18, "0")}`;
    const name = this.#freeTitle("Dataset", title.trim());
    const spec: Values = { workspace: workspaceId, name, format: "text" };
    const comments = [say("convert/from", { file }), say("convert/dataset-comment")];
    const draft = this.#draft("Dataset", spec, { title, comments, notes: [] });
    this.#datasets.set(title, { id, name: draft.name });
    return id;
  }

  /** A name that Coze takes, and that no other one of the kind has. */
  #freeTitle(kind: string, title: string): string {
    const field = this.#kind(kind).fields.name;
    const most = (field?.type === "string" && field.maxLength) || title.length;
    const cut = (text: string, length: number) => [...text].slice(0, length).join("").trim();
    for (let number = 1; ; number += 1) {
      const end = number === 1 ? "" : ` ${number}`;
      const name = cut(title, most - end.length) + end;
      if (this.#titles.has(`${kind} ${name}`)) continue;
      this.#titles.add(`${kind} ${name}`);
      return name;
    }
  }

  #kind(name: string): KindSchema {
    const found = this.#in.kinds.find((one) => one.name === name);
    if (!found) throw new Error(`no kind ${name}`);
    return found;
  }

  #draft(
    kindName: string,
    spec: Values,
    given: {
      readonly title: string;
      readonly comments: readonly string[];
      readonly notes: readonly string[];
    },
  ): { readonly name: string; readonly address: string; readonly notes: readonly string[] } {
    const kind = this.#kind(kindName);
    const place = (name: string) => `manifests/${kindName.toLowerCase()}s/${name}.yaml`;
    const name = this.#names.give(kind, given.title, String(this.drafts.length + 1), (one) => {
      const file = this.#in.fileOf(formatAddress(kindName, one));
      return file !== undefined && file !== place(one);
    });
    const fitted = fitSpec(kind, this.#in.kinds, spec, (text) => findSecrets(text).length > 0);
    const notes = [
      ...given.notes,
      ...fitted.omitted.map(({ field, message }) => say("convert/omitted", { field, problem: message })),
    ];
    const address = formatAddress(kindName, name);
    this.drafts.push({
      object: { kind, id: address, live: spec, names: new Map(), isEdited: false },
      ...{ name, address, fitted, file: place(name), isNamedById: false },
      notes: [...given.comments, ...notes],
    });
    return { name, address, notes };
  }
}

function onboardingOf({ prologue, questions }: ForeignAgent): Values {
  if (prologue === undefined && questions.length === 0) return {};
  return {
    onboarding: {
      ...(prologue !== undefined && { prologue }),
      ...(questions.length > 0 && { suggested_questions: questions }),
    },
  };
}
