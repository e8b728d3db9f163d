// Measures how much of an allowed rate an apply uses, over HTTP and by the machine's clock, against an emulator that
// counts strictly: in no second, wherever it begins, may be more calls than allowed.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apply, createHost } from "../dist/index.js";

const header = "apiVersion: cozeform/v1\n";

function writeProject(bots, icons, environment) {
  const directory = mkdtempSync(join(tmpdir(), "cozeform-pace-"));
  const project = {
    apiVersion: "cozeform/v1",
    kind: "Project",
    name: "pace",
    environments: { dev: environment },
  };
  writeFileSync(join(directory, "cozeform.yaml"), JSON.stringify(project));
  for (let shade = 0; shade < icons; shade += 1) {
    writeFileSync(join(directory, `${shade}.png`), Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10, shade]));
  }
  const documents = Array.from({ length: bots }, (_, number) => {
    const icon = number < icons ? `, icon: ${number}.png` : "";
    return `${header}kind: Bot\nmetadata: {name: bot-${number}}\nspec: {workspace: w, name: 助手${number}, prompt: 你好${icon}}\n`;
  });
  const workspace = `${header}kind: Workspace\nmetadata: {name: w}\nspec: {name: 空间, description: 测试}\n`;
  writeFileSync(join(directory, "all.yaml"), [workspace, ...documents].join("---\n"));
  return directory;
}

/** Starts the emulator; `stop` ends it. */
async function openEmulator(limits) {
  const child = fork(join(import.meta.dirname, "strict-emulator.js"), [JSON.stringify(limits)]);
  const [{ url, token }] = await once(child, "message");
  return { url, token, stop: () => child.disconnect() };
}

async function measure({ what, bots, icons = 0, limits, environment, counted }) {
  const directory = writeProject(bots, icons, environment);
  const emulator = await openEmulator(limits);
  const made = [];
  const host = createHost({
    env: { COZE_API_TOKEN: emulator.token },
    onCall: ({ method, operation, status }) =>
      made.push({ method, operation, status, at: performance.now() }),
  });
  await apply(host, { directory, endpoint: emulator.url, approve: async () => true });
  emulator.stop();
  rmSync(directory, { recursive: true });
  // What is read back waits for other things than its turn.
  const writes = made.slice(0, made.findLastIndex(({ method }) => method !== "GET") + 1);
  const through = writes.filter((one) => one.status !== 429 && (!counted || one.operation === counted));
  const seconds = (through.at(-1).at - through[0].at) / 1000;
  const allowed = counted ? limits.operations[counted] : limits.perSecond;
  const share = ((100 * (through.length - 1)) / seconds / allowed).toFixed(1);
  const refused = made.filter(({ status }) => status === 429).length;
  console.log(
    what.padEnd(38),
    `${allowed}/s`.padEnd(9),
    String(through.length).padEnd(7),
    `${seconds.toFixed(1)} s`.padEnd(9),
    `${share}%`.padEnd(8),
    refused,
  );
}

/** Prints how much of what is allowed was used, and how many calls were refused. */
export async function measurePace() {
  console.log("\npace of an apply                       allowed   calls   time      used     refused");
  const cases = [
    { what: "the default", bots: 60, limits: { perSecond: 5 }, environment: {} },
    { what: "a higher rate", bots: 200, limits: { perSecond: 20 }, environment: { requests_per_second: 20 } },
    {
      what: "uploads",
      bots: 60,
      icons: 60,
      limits: { operations: { upload_files: 10 } },
      environment: { requests_per_second: 200 },
      counted: "upload_files",
    },
    {
      what: "Coze allows less than was thought",
      bots: 120,
      limits: { perSecond: 8 },
      environment: { requests_per_second: 20 },
    },
  ];
  for (const one of cases) await measure(one);
}
