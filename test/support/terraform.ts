import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Emulator, EmulatorOptions } from "../../src/emulator/index.ts";
import { createProvider } from "../../src/terraform/provider/provider.ts";
import { serveProvider } from "./door-story.ts";
import { createStrictEmulator } from "./emulator.ts";
import { expectExchangesMatchOpenApi } from "./openapi-check.ts";
import { makeScratch } from "./scratch.ts";
import type { Files } from "./story.ts";
import { closeAfterwards, layOut } from "./terraform-directory.ts";
import { createVirtualClock } from "./virtual-clock.ts";

export { terraformTest } from "./terraform-process.ts";

/** What a story begins with. */
export interface TerraformStoryOptions {
  /** Where Terraform runs, below a directory of the story's own: files may then lie beside it, under `../`. */
  readonly folder?: string;
  /** Configurations by path; `terraform.tf` names the provider, unless it is given. */
  readonly files?: Files;
  readonly emulator?: EmulatorOptions;
  /** Beside the emulator's address and token. */
  readonly env?: { readonly [name: string]: string };
  /**
   * `in-process`: this process serves the provider, on a clock that only waiting moves. `executable`: Terraform starts
   * the built bundle itself, on the machine's clock.
   */
  readonly served?: "in-process" | "executable";
}

/** A directory where the real terraform runs with the provider of Coze, and an emulator of its own over HTTP. */
export async function createTerraformStory(given: TerraformStoryOptions = {}) {
  const { served = "in-process" } = given;
  const clock = createVirtualClock();
  const emulator = createStrictEmulator({
    ...(served === "in-process"
      ? { now: () => clock.now(), sleep: (ms: number) => clock.sleep(ms), patienceMs: 60_000 }
      : {}),
    fetch: refuseNetwork,
    ...given.emulator,
  });
  const { url } = await listen(emulator);
  const own = { COZE_API_BASE: url, COZE_API_TOKEN: emulator.token, ...given.env };
  const create = () => createProvider({ env: own, fetch, clock, random: () => 0.5 });
  const env = served === "in-process" ? await serveProvider({ name: "coze", create }) : overrideProvider();
  const requests = () =>
    emulator.requests.map(({ operation, method, path }) => operation ?? `${method} ${path}`);
  const directory = layOut({
    provider: "coze",
    ...(given.folder === undefined ? {} : { folder: given.folder }),
    files: given.files ?? {},
    env: { ...own, ...env },
    requests,
  });
  return {
    ...directory,
    emulator,
    clock,
    /** Writing operations until now, in their order. */
    writes: () => emulator.requests.filter(({ writes }) => writes).map(({ operation }) => operation),
  };
}

export type TerraformStory = Awaited<ReturnType<typeof createTerraformStory>>;

/** Serves an emulator until the test ends; then its exchanges must be those of the published API. */
async function listen(emulator: Emulator) {
  const listening = await emulator.listen();
  closeAfterwards(async () => {
    await listening.close();
    expectExchangesMatchOpenApi(emulator.requests);
  });
  return listening;
}

const bundle = resolve(import.meta.dirname, "../../dist/terraform/terraform-provider-coze.cjs");

/** Leads Terraform to the bundle without an installation. */
function overrideProvider(): { TF_CLI_CONFIG_FILE: string } {
  if (!existsSync(bundle)) throw new Error("dist/terraform is missing: run npm run build first");
  const home = makeScratch();
  const binaries = join(home, "bin");
  mkdirSync(binaries);
  symlinkSync(bundle, join(binaries, "terraform-provider-coze"));
  const file = join(home, "cli.tfrc");
  const overrides = `dev_overrides {\n    "cozeform/coze" = ${JSON.stringify(binaries)}\n  }`;
  writeFileSync(file, `provider_installation {\n  ${overrides}\n  direct {}\n}\n`);
  return { TF_CLI_CONFIG_FILE: file };
}

const refuseNetwork: typeof fetch = async () => {
  throw new TypeError("tests reach nothing beyond loopback");
};
