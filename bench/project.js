// Projects in the proportion that real ones have: of 982 resources 400 bots, 300 documents, 200 members, 80 datasets
// and 2 workspaces.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const header = "apiVersion: cozeform/v1\n";
const sentence = "你是客服助手，回答要简短、准确、有礼貌；不知道就说不知道，不要编造。";

/** Teams keep a folder of bots, so many to a file. */
const botsOfFile = 20;

const numbers = (count) => Array.from({ length: count }, (_, number) => number);

/** How many resources of each kind make up about `size` in all. */
export function countKinds(size) {
  const part = (of982) => Math.max(1, Math.round((size * of982) / 982));
  // Coze allows 1,000 members in one.
  const workspaces = size > 4000 ? 4 : 2;
  // As many in each workspace, so that bots use those of their own.
  const datasets = workspaces * part(80 / workspaces);
  return { bots: part(400), documents: part(300), members: part(200), datasets, workspaces };
}

/** A prompt of 500 to 5,000 characters; another `edition` is another text. */
const promptOf = (number, edition) =>
  `${edition}. ${sentence.repeat(1 + Math.ceil((500 + ((number * 997) % 4500)) / sentence.length))}`;

/** The documents' texts are short: their size is Coze's work, not cozeform's. */
const textOf = (number) => `第${number}条。${sentence}\n`;

/**
 * All resources of a project of about `size`, as `{kind, name, spec}`. `changed` is the share of bots with another
 * prompt, from 0 to 1; with `published` all bots are published to the API's channel.
 */
export function listResources(size, { changed = 0, published = false } = {}) {
  const counts = countKinds(size);
  const make = (kind, letter, count, specOf) =>
    numbers(count).map((n) => ({ kind, name: `${letter}${n}`, spec: specOf(n) }));
  const workspaceOf = (n) => `w${n % counts.workspaces}`;
  const workspaces = (n) => ({ name: `空间${n}\${var.suffix}`, description: "测试" });
  const members = (n) => ({
    workspace: workspaceOf(n),
    user_id: String(1_000_000_000_000_000 + n),
    role: "member",
  });
  const datasets = (n) => ({ workspace: workspaceOf(n), name: `知识${n}`, format: "text" });
  const documents = (n) => ({
    dataset: `d${n % counts.datasets}`,
    name: `文档${n}`,
    source: { file: `knowledge/${n}.txt` },
  });
  const bots = (n) => ({
    workspace: workspaceOf(n),
    name: `助手${n}`,
    prompt: promptOf(n, n < counts.bots * changed ? 2 : 1),
    knowledge: { datasets: [`d${n % counts.datasets}`] },
    ...(published ? { publish: { connectors: ["api"] } } : {}),
  });
  return [
    ...make("Workspace", "w", counts.workspaces, workspaces),
    ...make("WorkspaceMember", "m", counts.members, members),
    ...make("Dataset", "d", counts.datasets, datasets),
    ...make("Document", "f", counts.documents, documents),
    ...make("Bot", "b", counts.bots, bots),
  ];
}

/** The project file: two environments, one to promote to the other; each allows `rate` calls per second. */
export const projectFile = (rate) => `${header}kind: Project
name: bench
default_environment: dev
environments:
  dev: {requests_per_second: ${rate}, variables: {suffix: ""}}
  prod: {requests_per_second: ${rate}, variables: {suffix: 上线}}
`;

const writeResource = ({ kind, name, spec }) =>
  `${header}kind: ${kind}\nmetadata: {name: ${name}}\nspec:\n${Object.entries(spec)
    .map(([key, value]) => `  ${key}: ${JSON.stringify(value)}\n`)
    .join("")}`;

/**
 * Writes a project of about `size` resources and returns its folder. `rate` is the calls per second; the other options
 * are those of {@link listResources}.
 */
export function writeProject(
  size,
  { directory = mkdtempSync(join(tmpdir(), "cozeform-bench-")), rate = 1_000_000, ...options } = {},
) {
  mkdirSync(join(directory, "manifests"), { recursive: true });
  mkdirSync(join(directory, "knowledge"), { recursive: true });
  writeFileSync(join(directory, "cozeform.yaml"), projectFile(rate));
  for (const n of numbers(countKinds(size).documents)) {
    writeFileSync(join(directory, "knowledge", `${n}.txt`), textOf(n));
  }
  const resources = listResources(size, options);
  const write = (file, some) => {
    const text = some.map(writeResource).join("---\n");
    writeFileSync(join(directory, "manifests", `${file}.yaml`), text);
  };
  for (const kind of ["Workspace", "WorkspaceMember", "Dataset", "Document"]) {
    const some = resources.filter((resource) => resource.kind === kind);
    write(`${kind.toLowerCase()}s`, some);
  }
  const bots = resources.filter(({ kind }) => kind === "Bot");
  for (let from = 0; from < bots.length; from += botsOfFile) {
    write(`bots-${from}`, bots.slice(from, from + botsOfFile));
  }
  return directory;
}
