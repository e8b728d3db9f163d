import { expect, test } from "@jest/globals";
import "../../src/coze/client.ts";
import { Forbidden } from "../../src/coze/error-classes.ts";
import { operations } from "../../src/coze/http/operation.ts";
import { operations as emulated } from "../../src/emulator/http/routes.ts";
import { answer, clientOf, failureOf } from "./answers.ts";

test("operations name the permissions that the reference asks for", () => {
  // A copy takes others for each type of object.
  const fixed = emulated.filter(
    ({ name, permissions }) => operations.has(name) && Array.isArray(permissions),
  );
  const asked = fixed.map(({ name, permissions }) => [name, permissions]);
  const named = fixed.map(({ name }) => [name, operations.get(name)?.permissions ?? []]);
  expect(Object.fromEntries(named)).toEqual(Object.fromEntries(asked));
  expect(fixed.length).toBeGreaterThan(30);
});

test("a refusal names the permission that the call takes", async () => {
  const refused = () => answer(403, { code: 4101, msg: "no permission" });
  const { client } = clientOf([refused(), refused()]);
  const failure = await failureOf(client.bots.create({ space_id: "1", name: "a" }));
  expect(failure).toBeInstanceOf(Forbidden);
  expect((failure as Forbidden).message).toBe(
    "the token lacks the permission createBot, or the object isn't visible to it: no permission",
  );
  // Searching the store takes none.
  const search = await failureOf(client.plugins.search("weather").next());
  expect((search as Forbidden).message).toBe(
    "the token has no permission for this, or the object isn't visible to it: no permission",
  );
});
