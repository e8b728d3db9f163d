import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import type { World } from "../../src/emulator/world/world.ts";
import { createConsole } from "../cli/console.ts";
import { buildEstate } from "../support/estate-world.ts";

/** The files of an exported project without its state, by path. */
const filesIn = (directory: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(directory, { recursive: true, encoding: "utf8", withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes(".cozeform"))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [file.slice(directory.length + 1), readFileSync(file, "utf8")]),
  );

/** The ids of all that workspaces hold, and of the workspaces; members by user and workspace. */
function idsWithin(world: World, workspaces: readonly string[]): readonly string[] {
  const held = <T extends { id: string; space_id: string }>(all: ReadonlyMap<string, T>) =>
    [...all.values()].filter(({ space_id }) => workspaces.includes(space_id)).map(({ id }) => id);
  const datasets = held(world.datasets);
  const documents = [...world.documents.values()].filter(({ dataset_id }) => datasets.includes(dataset_id));
  const members = workspaces.flatMap((id) =>
    (world.workspaces.get(id)?.members ?? []).map(({ user_id }) => `${user_id} in ${id}`),
  );
  return [
    ...[...workspaces, ...held(world.bots), ...datasets, ...held(world.workflows), ...held(world.apps)],
    ...[...documents.map(({ id }) => id), ...world.callbackApps.keys(), ...members],
  ].sort();
}

interface Report {
  readonly resources: readonly { readonly kind: string; readonly id: string; readonly address: string }[];
  readonly left: readonly {
    readonly kind: string;
    readonly id: string;
    readonly parent?: { readonly id: string };
  }[];
  readonly notes: readonly { readonly address: string; readonly text: string }[];
  readonly files: { readonly written: readonly string[]; readonly unchanged: readonly string[] };
  readonly calls: number;
}

test("300 objects of other people's are exported, planned empty, and adopted without a writing call when the state is lost", async () => {
  const { directory, emulator, clock, run, sh } = createConsole();
  const { world } = emulator;
  const { workspaces } = buildEstate(world, 300);
  await clock.sleep(5000);
  const ran = await run(["export", "-w", ...workspaces, "-o", "desk", "--format", "json"]);
  expect(ran.code).toBe(0);
  const report: Report = JSON.parse(ran.out);

  const placed = [...report.resources, ...report.left];
  const isMember = ({ kind }: { readonly kind: string }) => kind === "WorkspaceMember";
  const found = [...placed].filter((one) => !isMember(one)).map(({ id }) => id);
  const members = idsWithin(world, workspaces).filter((id) => id.includes(" in "));
  expect([...found, ...members].sort()).toEqual(idsWithin(world, workspaces));
  expect([...placed].filter(isMember)).toHaveLength(members.length);
  expect(found.length + members.length).toBeGreaterThanOrEqual(300);
  expect(report.calls).toBe(emulator.requests.length);

  const edited = [...world.bots.values()].filter(
    ({ id, edited, channels }) =>
      edited && ("1024" in channels || "999" in channels) && report.resources.some((one) => one.id === id),
  );
  const ahead = report.notes.filter(({ text }) => text.startsWith("The draft is newer"));
  expect(ahead).toHaveLength(edited.length);
  expect(edited.length).toBeGreaterThan(5);

  const plan = await sh("plan desk --detailed-exitcode");
  expect([plan.code, plan.out]).toEqual([0, expect.stringContaining("No changes")]);
  rmSync(join(directory, "desk/.cozeform"), { recursive: true });
  const adopted = await sh("apply desk --auto-approve --adopt");
  expect([adopted.code, adopted.out]).toEqual([
    0,
    expect.stringContaining(`${report.resources.length} adopted`),
  ]);
  const again = await sh("plan desk --detailed-exitcode");
  expect([again.code, again.out]).toEqual([0, expect.stringContaining("No changes")]);
  expect(emulator.requests.filter(({ writes }) => writes)).toEqual([]);
});

test("the same bytes are written the second time, into the same directory and into another one", async () => {
  const { directory, emulator, clock, run } = createConsole({}, { world: { variants: ["newest-first"] } });
  const { workspaces } = buildEstate(emulator.world, 40);
  await clock.sleep(5000);
  const exportTo = async (out: string): Promise<Report> => {
    const { code, out: json } = await run(["export", "-w", ...workspaces, "-o", out, "--format", "json"]);
    expect(code).toBe(0);
    return JSON.parse(json);
  };
  const first = await exportTo("one");
  const files = filesIn(join(directory, "one"));
  for (const bot of emulator.world.bots.values()) bot.update_time += 1000 - (Number(bot.id) % 7);
  const second = await exportTo("one");
  expect(second.files.written).toEqual([]);
  expect(second.resources).toEqual(first.resources);
  rmSync(join(directory, "one/.cozeform"), { recursive: true });
  expect((await exportTo("one")).files.written).toEqual([]);
  expect(filesIn(join(directory, "one"))).toEqual(files);
  await exportTo("two");
  const other = filesIn(join(directory, "two"));
  expect([...other].filter(([file]) => file !== "cozeform.yaml")).toEqual(
    [...files].filter(([file]) => file !== "cozeform.yaml"),
  );
});
