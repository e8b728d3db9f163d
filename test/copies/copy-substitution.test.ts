import { expect, test } from "@jest/globals";
import { followName, type KindOf, substituteCopies } from "../../src/copies/copy-substitution.ts";
import type { Values } from "../../src/core/value.ts";
import type { Resource } from "../../src/kind/resource.ts";
import type { KindSchema } from "../../src/kind/schema.ts";
import { kinds } from "../../src/kinds/index.ts";

const at = { file: "a.yaml", line: 1, column: 1 };
const kindOf: KindOf = (name) => kinds.find((kind) => kind.name === name) as KindSchema;

function resource(address: string, spec: Values, dependencies: readonly string[] = []): Resource {
  const lifecycle = { preventDestroy: false, ignoreChanges: [] };
  const [kind = ""] = address.split(".");
  return { address, kind, spec, dependencies, lifecycle, at, locate: () => at };
}

const copy = (name: string, type: string, source: Values, more: readonly string[] = []): Resource =>
  resource(`Copy.${name}`, { type, source, workspace: { $ref: "Workspace.desk" } }, [
    "Workspace.desk",
    ...more,
  ]);
const bot = (name: string, spec: Values = {}, dependencies: readonly string[] = []): Resource =>
  resource(`Bot.${name}`, { name, ...spec }, dependencies);

const here = [
  resource("Workspace.a", {}),
  bot("a"),
  bot("b"),
  copy("a", "app", { id: "1" }),
  copy("b", "workflow", { id: "2" }),
  copy("chain", "workflow", { environment: "dev", workflow: "b" }),
  copy("alias", "workflow", { environment: "dev", workflow: "开票" }),
  copy("from-there", "bot", { environment: "staging", bot: "a" }),
  copy("ring", "workflow", { environment: "dev", workflow: "gnir" }),
  copy("gnir", "workflow", { environment: "dev", workflow: "ring" }),
];

test.each([
  ["bot", "a", "Bot.a", "a"],
  ["app", "a", "Copy.a", "a"],
  ["workflow", "a", undefined, "a"],
  ["workflow", "b", "Copy.b", "b"],
  ["workflow", "chain", "Copy.b", "b"],
  ["workflow", "alias", undefined, "开票"],
  ["bot", "from-there", "Copy.from-there", "from-there"],
  ["workflow", "nix", undefined, "nix"],
  ["workflow", "ring", undefined, "ring"],
])("the %s %s is of %s, called %s", (type, name, maker, called) => {
  const source = { environment: "dev", type, name, path: [] };
  const { maker: found, last } = followName(kindOf, here, "Copy", source);
  expect([found?.address, last.name]).toEqual([maker, called]);
});

test("who refers to a stand-in refers to what makes the original, or looks it up, and comes after that", () => {
  const workflows = ["chain", "alias", "b"].map((name) => ({ $ref: `Copy.${name}` }));
  const user = bot("user", { workflows }, ["Copy.alias", "Copy.b", "Copy.chain"]);
  const replaced = substituteCopies(kindOf, [...here, user], "dev");
  expect(replaced.map(({ address }) => address)).toEqual([
    "Workspace.a",
    "Bot.a",
    "Bot.b",
    "Copy.a",
    "Copy.b",
    "Copy.from-there",
    "Bot.user",
  ]);
  expect(replaced.at(-1)).toMatchObject({
    spec: {
      workflows: [
        { $ref: "Copy.b" },
        { $lookup: { name: "开票", workspace: "Workspace.desk" } },
        { $ref: "Copy.b" },
      ],
    },
    dependencies: ["Copy.b", "Workspace.desk"],
  });
});

test("where nothing stands for its original, all stays", () => {
  expect(substituteCopies(kindOf, here, "prod")).toBe(here);
});
