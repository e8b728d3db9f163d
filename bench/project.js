// Writes projects in the proportion that real ones have: of 982 resources 400 bots, 300 documents, 200 members, 80
// datasets and 2 workspaces.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const header = "apiVersion: cozeform/v1\n";
const sentence = "你是客服助手，回答要简短、准确、有礼貌；不知道就说不知道，不要编造。";

/** How many resources of each kind make up about `size` in all. */
export function countKinds(size) {
  const part = (of982) => Math.max(1, Math.round((size * of982) / 982));
  return { bots: part(400), documents: part(300), members: part(200), datasets: part(80), workspaces: 2 };
}

/** A prompt of 500 to 5,000 characters; another `edition` is another text. */
const promptOf = (number, edition) =>
  `${edition}. ${sentence.repeat(1 + Math.ceil((500 + ((number * 997) % 4500)) / sentence.length))}`;

/** The documents' texts are short: their size is Coze's work, not cozeform's. */
const textOf = (number) => `第${number}条。${sentence}\n`;

const resource = (kind, name, spec) =>
  `${header}kind: ${kind}\nmetadata: {name: ${name}}\nspec:\n${Object.entries(spec)
    .map(([key, value]) => `  ${key}: ${JSON.stringify(value)}\n`)
    .join("")}`;

/** The project file: two environments, of which one is promoted to the other; `rate` is the calls per second that they allow. */
export const projectFile = (rate) => `${header}kind: Project
name: bench
default_environment: dev
environments:
  dev: {requests_per_second: ${rate}, variables: {suffix: ""}}
  prod: {requests_per_second: ${rate}, variables: {suffix: 上线}}
`;

/**
 * Writes a project of about `size` resources and returns its folder. `changed` is the share of bots with another prompt,
 * from 0 to 1; `rate` the calls per second; with `published` all bots are published to the API's channel.
 */
export function writeProject(
  size,
  {
    directory = mkdtempSync(join(tmpdir(), "cozeform-bench-")),
    changed = 0,
    rate = 1_000_000,
    published = false,
  } = {},
) {
  const counts = countKinds(size);
  const workspaceOf = (number) => `w${number % counts.workspaces}`;
  const numbers = (count) => Array.from({ length: count }, (_, number) => number);
  const files = {
    workspaces: numbers(counts.workspaces).map((n) =>
      resource("Workspace", `w${n}`, { name: `空间${n}\${var.suffix}`, description: "测试" }),
    ),
    members: numbers(counts.members).map((n) =>
      resource("WorkspaceMember", `m${n}`, {
        workspace: workspaceOf(n),
        user_id: String(1_000_000_000_000_000 + n),
        role: "member",
      }),
    ),
    datasets: numbers(counts.datasets).map((n) =>
      resource("Dataset", `d${n}`, { workspace: workspaceOf(n), name: `知识${n}`, format: "text" }),
    ),
    documents: numbers(counts.documents).map((n) =>
      resource("Document", `f${n}`, {
        dataset: `d${n % counts.datasets}`,
        name: `文档${n}`,
        source: { file: `knowledge/${n}.txt` },
      }),
    ),
  };
  mkdirSync(join(directory, "manifests"), { recursive: true });
  mkdirSync(join(directory, "knowledge"), { recursive: true });
  writeFileSync(join(directory, "cozeform.yaml"), projectFile(rate));
  for (const n of numbers(counts.documents))
    writeFileSync(join(directory, "knowledge", `${n}.txt`), textOf(n));
  for (const [name, resources] of Object.entries(files)) {
    writeFileSync(join(directory, "manifests", `${name}.yaml`), resources.join("---\n"));
  }
  // Teams keep a folder of bots, twenty to a file.
  const bots = numbers(counts.bots).map((n) =>
    resource("Bot", `b${n}`, {
      workspace: workspaceOf(n),
      name: `助手${n}`,
      prompt: promptOf(n, n < counts.bots * changed ? 2 : 1),
      knowledge: { datasets: [`d${(n * counts.workspaces + (n % counts.workspaces)) % counts.datasets}`] },
      ...(published ? { publish: { connectors: ["api"] } } : {}),
    }),
  );
  for (let from = 0; from < bots.length; from += 20) {
    writeFileSync(
      join(directory, "manifests", `bots-${from}.yaml`),
      bots.slice(from, from + 20).join("---\n"),
    );
  }
  return directory;
}
