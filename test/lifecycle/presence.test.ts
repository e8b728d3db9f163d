import { describe, expect, test } from "@jest/globals";
import type { Item, Kind } from "../../src/kind/kind.ts";
import {
  listUnlessGone,
  type RefreshHost,
  refreshListed,
  refreshUnlisted,
  waitUntilPast,
} from "../../src/lifecycle/presence.ts";
import { ToyError } from "../support/toy-engine.ts";
import { createToyApi, type ToyApi, thing } from "../support/toy-kind.ts";
import { createToyPort, refused } from "./toy-port.ts";

const place = { id: "t1", parent: "b1" };
const listed: Item = { ...place, live: { name: "one" }, revision: 100 };

/** A host of things; Coze's clock stands at `seconds`. */
const hostOf = (more: Partial<Kind<ToyApi>>, seconds = 200): RefreshHost<ToyApi> => ({
  api: createToyApi(),
  kind: { ...thing, ...more },
  serverTime: () => seconds * 1000,
  call: (_place, make) => make(),
});

const never = () => {
  throw new Error("it isn't asked");
};

describe("an object that a list shows", () => {
  const read = async () => ({ live: { note: "long" } });

  test("is whole where the list tells all", async () => {
    expect(await refreshListed(hostOf({}), listed, false)).toEqual({
      status: "present",
      live: { name: "one" },
      whole: true,
      listed: ["name"],
    });
  });

  test("isn't read again while it is unchanged", async () => {
    expect(await refreshListed(hostOf({ read: never }), listed, true)).toEqual({
      status: "present",
      live: { name: "one" },
      revision: 100,
      whole: false,
    });
  });

  test("is read otherwise, with a revision only if its second was over", async () => {
    const live = { name: "one", note: "long" };
    const seen = { status: "present", live, whole: true, listed: ["name"] };
    expect(await refreshListed(hostOf({ read }, 101), listed, false)).toEqual({ ...seen, revision: 100 });
    expect(await refreshListed(hostOf({ read }, 100), listed, false)).toEqual(seen);
  });

  test("has the revision of the reading rather than the list's", async () => {
    const host = hostOf({ read: async () => ({ live: {}, revision: 150 }) });
    expect(await refreshListed(host, listed, false)).toMatchObject({ revision: 150 });
  });

  test("is an error when the reading finds nothing: it isn't gone", async () => {
    const unreadable = refreshListed(hostOf({ read: async () => undefined }), listed, false);
    await expect(unreadable).rejects.toMatchObject({
      message: "Coze lists t1, but a call about it says that it doesn't exist: this token can't read it",
      hint: "check that the token's account may open the object; if it was just deleted, run again",
    });
  });
});

describe("an object that a list doesn't show", () => {
  const known = { name: "one", secret: "hush" };

  test("is gone only when a second list lacks it too", async () => {
    const lists: (Item | undefined)[] = [listed, undefined];
    const look = () => refreshUnlisted(hostOf({}), place, known, async () => lists.shift());
    const seen = { status: "present", live: { name: "one" }, whole: true, listed: ["name"] };
    expect(await look()).toEqual(seen);
    expect(await look()).toEqual({ status: "absent" });
    expect(lists).toEqual([]);
  });

  test("is asked for by itself where a call can, with what only lists tell as last known", async () => {
    const there = hostOf({ read: async () => ({ live: { note: "long" } }) });
    expect(await refreshUnlisted(there, place, known, never)).toEqual({
      status: "present",
      live: { name: "one", box: "b1", note: "long" },
      whole: true,
    });
    const gone = hostOf({ read: async () => undefined });
    expect(await refreshUnlisted(gone, place, known, never)).toEqual({ status: "absent" });
  });

  test("is only known to be there where lists hide objects", async () => {
    const probed = (isThere: boolean) =>
      refreshUnlisted(hostOf({ exists: async () => isThere, read: never }), place, known, never);
    expect(await probed(true)).toEqual({ status: "present", live: {}, whole: false });
    expect(await probed(false)).toEqual({ status: "absent" });
  });
});

describe("a listing below a parent", () => {
  const missing = new ToyError({ type: "not-found", message: "no such box" });
  const list = (
    error: Error,
    parent: string | undefined,
    seen: readonly string[] = [],
    holders: readonly string[] | Error = [],
  ) =>
    listUnlessGone(
      thing,
      parent,
      async () => {
        throw error;
      },
      {
        showed: (kind, id) => seen.includes(`${kind} ${id}`),
        listHolders: async () => {
          if (holders instanceof Error) throw holders;
          return holders.map((id) => ({ id, live: {} }));
        },
        explain: createToyPort().port.explain,
      },
    );

  test("that doesn't exist is gone with all it held, unless it was just seen", async () => {
    expect(await list(missing, "b1")).toBeUndefined();
    const unreadable =
      "Coze lists b1, but a call about it says that it doesn't exist: this token can't read it";
    await expect(list(missing, "b1", ["Box b1"])).rejects.toThrow(unreadable);
    await expect(list(missing, "b1", [], ["b1"])).rejects.toThrow(unreadable);
    expect(await list(missing, "b1", [], ["b2"])).toBeUndefined();
  });

  test("is gone if the token may not list parents, and unknown if that list fails otherwise", async () => {
    const denied = new ToyError({ type: "forbidden", message: "no" });
    expect(await list(missing, "b1", [], denied)).toBeUndefined();
    const broken = new ToyError({ type: "rejected", message: "page 2 failed" });
    await expect(list(missing, "b1", [], broken)).rejects.toBe(broken);
  });

  test("that is refused, or has no parent, is an error", async () => {
    await expect(list(refused(), "b1")).rejects.toThrow("no");
    await expect(list(missing, undefined)).rejects.toBe(missing);
  });
});

test("a second of Coze's clock is waited out, and no longer than the process goes on", async () => {
  const { clock, port, stop } = createToyPort();
  // Coze's clock is ahead.
  const serverTime = () => clock.now() + 250;
  await clock.run(waitUntilPast(port, serverTime, 0));
  expect(clock.now()).toBe(750);
  stop();
  await clock.run(waitUntilPast(port, serverTime, 3600));
  expect(clock.now()).toBe(750);
});
