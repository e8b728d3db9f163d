import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "@jest/globals";
import { installProvider } from "../../src/commands/terraform.ts";
import { createStrictEmulator } from "../support/emulator.ts";
import { makeScratch } from "../support/scratch.ts";
import { closeAfterwards } from "../support/terraform-directory.ts";
import { startTerraform, terraformTest } from "../support/terraform-process.ts";

const root = resolve(import.meta.dirname, "../..");
const env = { PATH: process.env.PATH };
const read = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8"));

/** Runs what `cdktf synth` runs at the root, but for the build. */
function synthesize(): string {
  const [command = "", file = ""] = read("package.json").scripts.synth.split(" && ").at(-1).split(" ");
  const outdir = makeScratch();
  execFileSync(join(root, "node_modules/.bin", command), [file], {
    cwd: root,
    env: { ...env, CDKTF_OUTDIR: outdir },
  });
  return join(outdir, "stacks");
}

test("the cdktf command's configuration names the example, which compiles", () => {
  expect(read("cdktf.json").app).toBe("npm run --silent synth");
  const options =
    "--ignoreConfig --noEmit --strict --skipLibCheck --types node --module nodenext --target es2023";
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const said = execFileSync(process.execPath, [tsc, ...options.split(" "), "examples/cdktf/main.ts"], {
    cwd: root,
    env,
  });
  expect(String(said)).toBe("");
});

test("the example is a stack for each environment of the manifests, and one of constructs", () => {
  const stacks = synthesize();
  expect(readdirSync(stacks).sort()).toEqual(["hr", "shop-dev", "shop-prod"]);
  const prod = JSON.parse(readFileSync(join(stacks, "shop-prod/cdk.tf.json"), "utf8"));
  expect(prod.resource.coze_workspace.shop_desk.name).toBe("栗树湾客服空间");
  expect(JSON.stringify(prod.resource)).not.toContain(root);
});

terraformTest(
  "the stack of constructs is applied, tried out first, and is then as it should be",
  async () => {
    const emulator = createStrictEmulator();
    const door = await emulator.listen();
    closeAfterwards(() => door.close());
    const machine = { system: process.platform, architecture: process.arch };
    const { plugins } = await installProvider({
      env: { HOME: makeScratch() },
      machine,
      root: pathToFileURL(`${root}/`),
    });
    const stack = join(synthesize(), "hr");
    const token = { COZE_API_BASE: door.url, COZE_API_TOKEN: emulator.token };
    const terraform = (...args: string[]) => startTerraform(stack, args, token).ended;
    expect(await terraform("init", `-plugin-dir=${plugins}`)).toMatchObject({ exitCode: 0 });
    const state = `-state=${join(stack, "terraform.tfstate")}`;
    const applied = await terraform("apply", "-auto-approve", state);
    expect(applied.stdout).toContain("Apply complete! Resources: 7 added, 0 changed, 0 destroyed.");
    const names = [...emulator.world.bots.values()].map(({ draft, published }) => [
      draft.name,
      published?.name,
    ]);
    expect(names).toEqual([
      ["入职向导（试用）", undefined],
      ["入职向导", "入职向导"],
    ]);
    expect((await terraform("plan", "-detailed-exitcode", state)).exitCode).toBe(0);
    expect((await terraform("destroy", "-auto-approve", state)).stdout).toContain(
      "Destroy complete! Resources: 7",
    );
  },
);
