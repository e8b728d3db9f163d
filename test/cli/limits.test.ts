import { expect, test } from "@jest/globals";
import { manifest, manifests } from "../support/story.ts";
import { createConsole } from "./console.ts";

const files = {
  "a.yaml": manifests(
    manifest("Workspace", "desk", { name: "客服空间", description: "客服" }),
    manifest("Dataset", "faq", { workspace: "desk", name: "faq", format: "text" }),
  ),
};

test("an apply that needs more calls than it may make is shown and refused", async () => {
  const { sh, emulator } = createConsole(files);
  const env = { COZE_API_TOKEN: emulator.token };
  const refused = await sh("apply --auto-approve --max-calls 2", { env });
  expect(refused.code).toBe(1);
  expect(refused.out).toContain("Plan: 2 to create; about 2 API calls to apply");
  expect(refused.err).toBe(
    "error: this apply needs about 2 calls, and --max-calls leaves 1. Nothing was changed.\n" +
      "  hint: pass --max-calls 3 or more, or apply a part with --target\n",
  );
  expect(emulator.requests).toHaveLength(1);
  expect(await sh("apply --auto-approve --max-calls 3", { env })).toMatchObject({ code: 0 });
  expect(emulator.requests).toHaveLength(4);
});

test("a run whose calls turn out not to do ends with what is left and the next move", async () => {
  let lost = false;
  const hooks = {
    after({ operation }: { readonly operation: string }) {
      if (operation !== "create_workspace" || lost) return undefined;
      lost = true;
      throw new TypeError("connection lost");
    },
  };
  const { sh, emulator } = createConsole(files, { hooks });
  const env = { COZE_API_TOKEN: emulator.token };
  const ended = await sh("apply --auto-approve --max-calls 3", { env });
  expect(emulator.requests).toHaveLength(3);
  expect(ended.code).toBe(1);
  expect(ended.out).toContain("Skipped (1):");
  expect(ended.out).toContain("this run has used its limit of 3 API calls");
  expect(ended.out).toContain(
    "Everything done is remembered. Next: run again: an apply continues where it stopped",
  );
  expect((await sh("apply --auto-approve", { env })).code).toBe(0);
  expect(emulator.world.datasets.size).toBe(1);
});

test("a plan makes no more calls than it may", async () => {
  const { sh, emulator } = createConsole(files);
  const ended = await sh("plan --max-calls 0", { env: { COZE_API_TOKEN: emulator.token } });
  expect(ended.code).toBe(1);
  expect(ended.err).toContain("this run has used its limit of 0 API calls");
  expect(emulator.requests).toHaveLength(0);
});

test.each(["-1", "many", "1.5"])("--max-calls %s is no number of calls", async (most) => {
  const { sh } = createConsole(files);
  const misused = await sh(`plan --max-calls=${most}`);
  expect(misused).toMatchObject({ code: 3 });
  expect(misused.err).toContain("hint: write a whole number");
});

test("a limit of an operation that nobody knows is told with the nearest one", async () => {
  const project =
    "apiVersion: cozeform/v1\nkind: Project\nenvironments:\n  dev:\n    operations_per_second: {upload_file: 20}\n";
  const { sh } = createConsole({ ...files, "cozeform.yaml": project });
  const invalid = await sh("validate");
  expect(invalid.code).toBe(3);
  expect(invalid.out + invalid.err).toContain('cozeform uses no operation "upload_file"');
  expect(invalid.out + invalid.err).toContain('did you mean "upload_files"?');
});
