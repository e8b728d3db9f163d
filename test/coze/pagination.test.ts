import { describe, expect, test } from "@jest/globals";
import { clientOf, collect, failureOf } from "./answers.ts";

const ids = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: String(from + index) }));

/** A page of a list that says nothing else. */
const bots = (from: number, count: number, more: object = {}) => ({
  data: { items: ids(from, count), ...more },
});

const callsOf = (requests: readonly Request[]) => requests.map(({ url }) => new URL(url).search);

describe("reading pages", () => {
  test("a full page is followed by another whatever its total says", async () => {
    const { client, requests } = clientOf([bots(1, 20, { total: 20 }), bots(21, 3, { total: 3 })]);
    expect(await collect(client.bots.list({ workspace_id: "9", publish_status: "all" }))).toHaveLength(23);
    expect(callsOf(requests)).toEqual([
      "?workspace_id=9&publish_status=all&page_num=1&page_size=20",
      "?workspace_id=9&publish_status=all&page_num=2&page_size=20",
    ]);
  });

  test("a page that repeats an item fails loudly", async () => {
    const { client } = clientOf([bots(1, 20), bots(1, 20)]);
    const error = await failureOf(collect(client.bots.list({ workspace_id: "9", publish_status: "all" })));
    expect(error).toMatchObject({ name: "UnexpectedAnswer", outcome: "none" });
    expect(String(error)).toContain("page 2 repeats id 1");
  });

  test("an answer that tells nothing of a list isn't an empty list", async () => {
    const nothing = clientOf([{ code: 0, data: {} }]);
    const error = await failureOf(collect(nothing.client.datasets.list("9")));
    expect(error).toMatchObject({ name: "UnexpectedAnswer", outcome: "none" });
    expect(String(error)).toContain("neither `dataset_list` nor a count");
    const empty = clientOf([{ code: 0, data: { total_count: 0 } }]);
    expect(await collect(empty.client.datasets.list("9"))).toEqual([]);
  });

  test("a total that comes as text counts as well", async () => {
    const page = (from: number, count: number) => ({
      data: { workspaces: ids(from, count), total_count: "60" },
    });
    const { client, requests } = clientOf([page(1, 40), page(41, 20)]);
    expect(await collect(client.workspaces.list())).toHaveLength(60);
    expect(requests).toHaveLength(2);
  });

  test("no call is spent once the total is reached", async () => {
    const page = (from: number) => ({ data: { workspaces: ids(from, 50), total_count: 100 } });
    const { client, requests } = clientOf([page(1), page(51)]);
    expect(await collect(client.workspaces.list())).toHaveLength(100);
    expect(requests).toHaveLength(2);
  });

  test("a total that may count a full page alone doesn't end the list", async () => {
    const page = (from: number, count: number) => ({
      data: { workspaces: ids(from, count), total_count: count },
    });
    const { client, requests } = clientOf([page(1, 50), page(51, 50), page(101, 7)]);
    expect(await collect(client.workspaces.list())).toHaveLength(107);
    expect(requests).toHaveLength(3);
    const { client: full } = clientOf([page(1, 50), page(51, 0)]);
    expect(await collect(full.workspaces.list())).toHaveLength(50);
  });

  test("pages smaller than asked for don't end a list that has a total", async () => {
    const page = (from: number, count: number) => ({
      document_infos: ids(from, count).map(({ id }) => ({ document_id: id })),
      total: 70,
    });
    const { client, requests } = clientOf([page(1, 50), page(51, 20)]);
    expect(await collect(client.documents.list("9"))).toHaveLength(70);
    expect(await Promise.all(requests.map((request) => request.json()))).toEqual([
      { dataset_id: "9", page: 1, size: 100 },
      { dataset_id: "9", page: 2, size: 100 },
    ]);
  });

  test("a list that ends before its total fails loudly", async () => {
    const { client } = clientOf([
      { data: { items: [{ user_id: "1" }], total_count: 2 } },
      { data: { items: [] } },
    ]);
    expect(await collect(client.members.list("9"))).toHaveLength(1);
    const { client: other } = clientOf([{ data: { total_count: 2 } }]);
    expect(await failureOf(collect(other.members.list("9")))).toMatchObject({ name: "UnexpectedAnswer" });
  });

  test("a total that is too high isn't taken for pages that count from 0", async () => {
    const page = (from: number, count: number, total: number) => ({
      document_infos: ids(from, count).map(({ id }) => ({ document_id: id })),
      total,
    });
    const short = [page(1, 100, 101), page(1, 0, 101), page(1, 100, 101)];
    const { client, requests } = clientOf([...short, page(1, 100, 150), page(101, 50, 150)]);
    expect(String(await failureOf(collect(client.documents.list("9"))))).toContain("100 of 101");
    expect(await collect(client.documents.list("8"))).toHaveLength(150);
    const sent = await Promise.all(requests.map((one) => one.json()));
    expect(sent).toMatchObject([1, 2, 0, 1, 2].map((number) => ({ page: number })));
  });

  test("an empty list may leave its items out", async () => {
    const { client } = clientOf([{ data: { total_count: 0 } }]);
    expect(await collect(client.workspaces.list())).toEqual([]);
  });

  test("an answer without data isn't an empty list", async () => {
    const { client } = clientOf([{ code: 0 }]);
    expect(await failureOf(collect(client.workspaces.list()))).toMatchObject({ name: "UnexpectedAnswer" });
  });

  test("tokens lead from page to page", async () => {
    const { client, requests } = clientOf([
      { data: { items: ids(1, 2), has_more: true, next_page_token: "t2" } },
      { data: { items: ids(3, 1), has_more: false, next_page_token: "t3" } },
    ]);
    expect(await collect(client.callbackApps.list())).toHaveLength(3);
    expect(callsOf(requests)).toEqual(["?page_size=50", "?page_size=50&page_token=t2"]);
  });

  test("has_more decides where there is no total", async () => {
    const page = (from: number, more: boolean) => ({
      data: { items: ids(from, 1).map(({ id }) => ({ workflow_id: id })), has_more: more },
    });
    const { client, requests } = clientOf([page(1, true), page(2, false)]);
    expect(await collect(client.workflows.list("9", "all"))).toHaveLength(2);
    expect(requests).toHaveLength(2);
  });

  test("plugins are found one level down", async () => {
    const { client } = clientOf([
      {
        data: { items: [{ metainfo: { entity_id: "5", name: "Search" }, plugin_info: {} }], has_more: false },
      },
    ]);
    expect(await collect(client.plugins.search("Search"))).toEqual([{ entity_id: "5", name: "Search" }]);
  });
});
