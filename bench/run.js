// Times what grows with a project's size, on the embedded emulator with nothing slowing calls down.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apply, createEmulator, createHost, plan, validate } from "../dist/index.js";
import { measureCopies } from "./copies.js";
import { measurePace } from "./pace.js";
import { measureTerraform } from "./terraform.js";

const sizes = (process.argv[2] ?? "100,1000,3000").split(",").map(Number);
const header = "apiVersion: cozeform/v1\n";

function writeProject(bots) {
  const directory = mkdtempSync(join(tmpdir(), "cozeform-bench-"));
  mkdirSync(join(directory, "manifests"));
  writeFileSync(
    join(directory, "cozeform.yaml"),
    `${header}kind: Project\nname: bench\nenvironments: {dev: {requests_per_second: 1000000}}\n`,
  );
  const workspace = `${header}kind: Workspace\nmetadata: {name: w}\nspec: {name: 空间, description: 测试}\n`;
  const documents = Array.from(
    { length: bots },
    (_, n) =>
      `${header}kind: Bot\nmetadata: {name: bot-${n}}\nspec: {workspace: w, name: 助手${n}, prompt: ${"你是助手。".repeat(100)}}\n`,
  );
  writeFileSync(join(directory, "manifests", "all.yaml"), [workspace, ...documents].join("---\n"));
  return directory;
}

async function time(what, run) {
  const begun = performance.now();
  const result = await run();
  const seconds = ((performance.now() - begun) / 1000).toFixed(2);
  return { what, seconds, result };
}

console.log("bots   validate   apply (calls)      second plan (calls)");
for (const bots of sizes) {
  const directory = writeProject(bots);
  const emulator = createEmulator({ keepRequests: 0 });
  const host = createHost({ env: { COZE_API_TOKEN: emulator.token }, fetch: emulator.fetch });
  const options = { directory, endpoint: "http://127.0.0.1" };
  const validated = await time("validate", () => validate(host, options));
  const applied = await time("apply", () => apply(host, { ...options, approve: async () => true }));
  const planned = await time("plan", () => plan(host, options));
  const columns = [
    String(bots).padEnd(7),
    `${validated.seconds} s`.padEnd(11),
    `${applied.seconds} s (${applied.result.result.calls})`.padEnd(19),
    `${planned.seconds} s (${planned.result.calls.made})`,
  ];
  console.log(columns.join(""));
  if (planned.result.changes) throw new Error("the second plan is not empty");
  rmSync(directory, { recursive: true });
}
await measurePace();
await measureCopies();
await measureTerraform();
