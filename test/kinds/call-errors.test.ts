import { describe, expect, test } from "@jest/globals";
import { ExplainedError } from "../../src/core/explained-error.ts";
import {
  BadRequest,
  type CallFacts,
  ConnectionLost,
  Forbidden,
  Interrupted,
  NotFound,
  QuotaExhausted,
  RateLimited,
  ServerError,
  Unauthenticated,
} from "../../src/coze/error-classes.ts";
import { explainFailure } from "../../src/kinds/call-errors.ts";

const read: CallFacts = { operation: "get", outcome: "none" };
const write: CallFacts = { operation: "create", outcome: "unknown" };

describe("explaining errors", () => {
  test.each([
    [new BadRequest("no", read), "rejected"],
    [new RateLimited("no", read), "rejected"],
    [new NotFound("no", read), "not-found"],
    [new Forbidden("no", read), "forbidden"],
    [new Unauthenticated("no", read), "signed-out"],
    [new QuotaExhausted("no", read), "billing"],
    [new Interrupted("no", read), "interrupted"],
    [new ConnectionLost("no", read), "rejected"],
    [new ConnectionLost("no", write), "unknown-outcome"],
    [new ServerError("no", write), "unknown-outcome"],
    [new ExplainedError({ message: "no", hint: "do this" }), "rejected"],
    [new Error("no"), "rejected"],
    ["no", "rejected"],
  ])("%s is %s", (error, type) => {
    expect(explainFailure(error)).toMatchObject({ type, message: "no" });
  });

  test("what Coze told is passed on", () => {
    const facts = {
      operation: "create_bot",
      outcome: "none",
      code: 4000,
      logid: "L",
      hint: "do this",
    } as const;
    expect(explainFailure(new BadRequest("no", facts))).toEqual({
      type: "rejected",
      message: "no",
      operation: "create_bot",
      code: 4000,
      logid: "L",
      hint: "do this",
    });
  });
});
