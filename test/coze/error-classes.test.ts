import { describe, expect, test } from "@jest/globals";
import type { CozeError } from "../../src/coze/error-classes.ts";
import { answer, clientOf, failureOf } from "./answers.ts";

describe("errors by code", () => {
  test.each([
    [4000, "BadRequest"],
    [4008, "QuotaExhausted"],
    [4009, "RateLimited"],
    [4011, "QuotaExhausted"],
    [4013, "RateLimited"],
    [4014, "ContentRejected"],
    [4019, "QuotaExhausted"],
    [4020, "RateLimited"],
    [4022, "QuotaExhausted"],
    [4027, "QuotaExhausted"],
    [4028, "QuotaExhausted"],
    [4100, "Unauthenticated"],
    [4101, "Forbidden"],
    [4102, "ContentRejected"],
    [4105, "ContentRejected"],
    [4200, "NotFound"],
    [4300, "UploadRejected"],
    [4304, "UploadRejected"],
    [5000, "ServerError"],
    [700012006, "Unauthenticated"],
    [702042018, "BadRequest"],
    [702042162, "BadRequest"],
    [788788103, "QuotaExhausted"],
    [123456, "BadRequest"],
  ])("%i is %s, though it comes as HTTP 200", async (code, name) => {
    const body = { code, msg: "no" };
    const { client } = clientOf(Array.from({ length: 8 }, () => body));
    const error = await failureOf(client.bots.create({ space_id: "1", name: "a" }));
    expect(error).toMatchObject({ name, code, operation: "create_bot" });
    expect((error as CozeError).outcome).toBe(name === "ServerError" ? "unknown" : "none");
  });

  test.each([
    [400, "BadRequest"],
    [401, "Unauthenticated"],
    [403, "Forbidden"],
    [404, "NotFound"],
    [429, "RateLimited"],
    [500, "ServerError"],
    [503, "ServerError"],
  ])("HTTP %i without a known code is %s", async (status, name) => {
    const { client } = clientOf(Array.from({ length: 8 }, () => answer(status, { msg: "no" })));
    expect(await failureOf(client.bots.create({ space_id: "1", name: "a" }))).toMatchObject({ name });
  });

  test.each([4000, 4101, 4200, 4300, 4301, 5000, 123456])("%i comes with a next move", async (code) => {
    const body = { code, msg: "no" };
    const { client } = clientOf(Array.from({ length: 8 }, () => body));
    expect(await failureOf(client.bots.get("1", false))).toMatchObject({ hint: expect.any(String) });
  });

  test("the code counts more than the HTTP status", async () => {
    const { client } = clientOf([answer(404, { code: 4101, msg: "no" })]);
    expect(await failureOf(client.bots.get("1", false))).toMatchObject({ name: "Forbidden" });
  });

  test("a failed read has no outcome to wonder about", async () => {
    const { client } = clientOf([1, 2, 3, 4].map(() => answer(500, { code: 5000 })));
    expect(await failureOf(client.bots.get("1", false))).toMatchObject({
      name: "ServerError",
      outcome: "none",
    });
  });
});
