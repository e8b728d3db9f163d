import { expect, test } from "@jest/globals";
import { createConsole } from "./console.ts";

const desks = {
  "desk.yaml": `\
apiVersion: cozeform/v1
kind: Workspace
metadata: {name: desk, for_each: {a: "1", b: "2", c: "3", d: "4", e: "5"}}
spec: {name: "客服\${each.key}", description: 客服}
`,
};

test("objects that stay in Coze are named with their ids, one by one, before and after", async () => {
  const { sh, emulator } = createConsole(desks);
  expect((await sh("apply --auto-approve")).code).toBe(0);
  const ids = [...emulator.world.workspaces.values()].filter(({ name }) => name.startsWith("客服"));
  const named = new Map(ids.map(({ id, name }) => [`Workspace.desk["${name.at(-1)}"]`, id]));
  const planned = await sh("plan --destroy");
  for (const [address, id] of named) expect(planned.out).toContain(`  * ${address}  abandon ${id} (`);
  const document = JSON.parse((await sh("plan --destroy --format json")).out) as {
    resource_changes: { address: string; cozeform: { leaves: string[] } }[];
  };
  expect(document.resource_changes.map(({ address, cozeform }) => [address, cozeform.leaves])).toEqual(
    [...named].map(([address, id]) => [address, [id]]).sort(),
  );
  const { out } = await sh("destroy --auto-approve");
  expect(out).toContain("\nLeft in Coze (5):\n");
  for (const [address, id] of named) {
    expect(out).toMatch(new RegExp(`forgotten in \\S+ \\(${id}\\)\\n`));
    expect(out).toContain(`  * ${address}  ${id}\n`);
  }
});
