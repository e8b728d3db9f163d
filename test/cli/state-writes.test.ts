import { expect, test } from "@jest/globals";
import type { EmulatorOptions } from "../../src/emulator/index.ts";
import { createEventClock } from "../support/event-clock.ts";
import { createStateServer } from "../support/state-server.ts";
import { manifest, manifests } from "../support/story.ts";
import { createConsole } from "./console.ts";

const address = "https://git.example/state";
const projectFile = `apiVersion: cozeform/v1
kind: Project
environments: { dev: { state: { http: {} }, requests_per_second: 1000 } }
`;
const names = Array.from({ length: 30 }, (_, index) => `n${index}`);

/** Three levels: a workspace, datasets, and bots that use them. */
const wide = {
  "cozeform.yaml": projectFile,
  "a.yaml": manifests(
    manifest("Workspace", "desk", { name: "客服空间", description: "客服" }),
    ...names.map((name) => manifest("Dataset", name, { workspace: "desk", name, format: "text" })),
    ...names.map((name) =>
      manifest("Bot", `b-${name}`, {
        workspace: "desk",
        name: `bot ${name}`,
        prompt: "你好",
        knowledge: { datasets: [name] },
      }),
    ),
  ),
};

/** What a call creates: its name, and when it is made, in milliseconds since the start. */
interface Creation {
  readonly name: string;
  readonly at: number;
  /** Whether the state had its intent by then. */
  readonly isAnnounced: boolean;
}

/** The wide project with its state at a server of Terraform's protocol. */
function createWide(
  latencyOf: (name: string, number: number) => number = (_, number) => 40 + ((number * 97) % 300),
  hooks: EmulatorOptions["hooks"] = {},
) {
  const clock = createEventClock();
  const begun = clock.now();
  const server = createStateServer({ now: clock.now });
  const creations: Creation[] = [];
  let calls = 0;
  const document = (): { readonly resources: { readonly [address: string]: Entry } } =>
    JSON.parse(server.documents.get("/state")?.toString() ?? '{"resources":{}}');
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    if (request.url.startsWith(address)) {
      await clock.sleep(30);
      return server.fetch(request);
    }
    const { pathname, search } = new URL(request.url);
    const name = /\/(?:create|datasets|workspaces)$/u.test(pathname) && (await nameIn(request.clone()));
    if (name) {
      const isAnnounced = Object.values(document().resources).some(({ spec }) => spec.name === name);
      creations.push({ name, at: clock.now() - begun, isAnnounced });
    }
    calls += 1;
    await clock.sleep(latencyOf(name || "", calls));
    return console.emulator.fetch(new Request(`http://127.0.0.1${pathname}${search}`, request));
  };
  const console = createConsole(wide, { sleep: (ms) => clock.sleep(ms), hooks }, { clock, fetch });
  const apply = () => clock.run(console.sh("apply --auto-approve", { env: { TF_HTTP_ADDRESS: address } }));
  return { ...console, server, apply, document, creations };
}

interface Entry {
  readonly id?: string;
  readonly spec: { readonly name?: string };
}

async function nameIn(request: Request): Promise<string | undefined> {
  if (request.method !== "POST") return undefined;
  const { name, bot_name: bot } = (await request.json()) as { readonly [name: string]: string };
  return name ?? bot;
}

/** The most writes: one for each of three levels, one every two seconds, and the finished state. */
function mostWrites(writes: readonly number[]): number {
  const seconds = ((writes.at(-1) ?? 0) - (writes[0] ?? 0)) / 1000;
  return 3 + Math.floor(seconds / 2) + 1;
}

test("a wide project is written once for each level, every two seconds, and at the end", async () => {
  const { server, apply, document, creations } = createWide();
  expect(await apply()).toMatchObject({ code: 0, out: expect.stringContaining("61 created") });
  expect(creations).toHaveLength(61);
  expect(creations.filter(({ isAnnounced }) => !isAnnounced)).toEqual([]);
  expect(Object.values(document().resources).filter(({ id }) => id === undefined)).toEqual([]);
  expect(server.writes.length).toBeLessThanOrEqual(mostWrites(server.writes));
});

test("what a slow call holds up is what depends on it", async () => {
  const slow = 30_000;
  const { server, apply, creations } = createWide((name) => (name === "n7" ? slow : 100));
  expect(await apply()).toMatchObject({ code: 0, out: expect.stringContaining("61 created") });
  const [late, ...others] = creations.toSorted((a, b) => b.at - a.at);
  expect(late?.name).toBe("bot n7");
  expect(Math.max(...others.map(({ at }) => at))).toBeLessThan(slow / 2);
  expect(server.writes.length).toBeLessThanOrEqual(mostWrites(server.writes));
});

test("a refused creation and an interruption leave nothing announced, and the next run makes the rest", async () => {
  let isFirst = true;
  const { apply, document, creations, interrupt, emulator } = createWide(undefined, {
    before({ operation }) {
      if (operation === "create_bot" && isFirst) {
        isFirst = false;
        interrupt();
      }
      return undefined;
    },
  });
  emulator.faults.set([
    { operation: "create_dataset", fault: "refuse", code: 4000, msg: "no", calls: { skip: 2, times: 1 } },
  ]);
  expect(await apply()).toMatchObject({ code: 130 });
  const made = creations.length;
  const left = Object.values(document().resources);
  expect(left.filter(({ id }) => id === undefined)).toEqual([]);
  // The workspace, the datasets that weren't refused, and the bots that were in flight.
  expect(left.length).toBe(made - 1);
  expect(left.length).toBeGreaterThan(30);
  expect(left.length).toBeLessThan(45);
  expect(await apply()).toMatchObject({ code: 0 });
  expect(Object.keys(document().resources)).toHaveLength(61);
  expect(creations).toHaveLength(62);
});
