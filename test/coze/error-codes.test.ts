import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { TimeOut } from "../../src/coze/http/exchange.ts";
import { createConsole } from "../cli/console.ts";
import { manifest, manifests } from "../support/story.ts";

/** How Coze, or what is on the way to it, answers a call. */
type Refusal = { readonly code: number; readonly msg: string; readonly status?: number } | Response | Error;

interface Row {
  readonly title: string;
  readonly operation: string;
  readonly refusal: Refusal;
  /** Everything was applied before; then these texts of the manifests were replaced. */
  readonly since?: readonly [string, string];
}

const project = manifests(
  manifest("Workspace", "desk", { name: "客服空间", description: "客服", icon: "icon.png" }),
  manifest("WorkspaceMember", "ann", { workspace: "desk", user_id: "2000000000001", role: "admin" }),
  manifest("Dataset", "faq", { workspace: "desk", name: "常见问题", format: "text" }),
  manifest("Document", "returns", { dataset: "faq", name: "退货", source: { file: "returns.txt" } }),
  manifest("Bot", "support", {
    workspace: "desk",
    name: "售后助手",
    prompt: "你是售后助手",
    onboarding: { suggested_questions: ["怎么退货？"] },
    model: { id: "1706077826", temperature: 0.7 },
    knowledge: { datasets: ["faq"] },
    publish: { connectors: ["api"] },
  }),
  manifest("CallbackApp", "hooks", { name: "通知", callback_url: "https://hooks.example.com/coze" }),
);

const files = { "desk.yaml": project, "returns.txt": "七天内可以退货", "icon.png": "\u0089PNG" };

const at = (
  operation: string,
  code: number,
  msg: string,
  more: Partial<Row> & { status?: number } = {},
): Row => {
  const { status, ...rest } = more;
  return { title: `${operation} ${code}`, operation, refusal: { code, msg, status: status ?? 200 }, ...rest };
};
const lost = (title: string, operation: string, refusal: Response | Error): Row => ({
  title: `${operation}: ${title}`,
  operation,
  refusal,
});
const broken = (code: string): Error =>
  new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) });
const page = (status: number, text: string): Response =>
  new Response(text, {
    status,
    headers: { "content-type": text.startsWith("{") ? "application/json" : "text/html" },
  });

const renamed: Row["since"] = ["name: 售后助手", "name: 客服助手"];

const rows: readonly Row[] = [
  at("create_bot", 4000, "Invalid request parameter: model_info_config.temperature is out of range", {
    status: 400,
  }),
  at("create_bot", 4000, "The parameter space_id is invalid", { status: 400 }),
  at("update_bot", 4000, "dataset_ids: no such dataset", { status: 400 }),
  at("create_workspace", 4000, "Invalid request", { status: 400 }),
  at("create_bot", 4001, "conversation does not exist"),
  at("create_bot", 4002, "chat does not exist"),
  at("create_bot", 4005, "message does not exist"),
  at("create_bot", 4006, "message does not exist"),
  at("create_dataset", 4008, "daily quota used up"),
  at("create_dataset", 4009, "too many users"),
  at("create_dataset", 4011, "balance is not enough"),
  at("create_bot", 4012, "model 1706077826 is not available"),
  at("create_dataset", 4013, "rate limited", { status: 429 }),
  at("create_workspace", 4014, "The content is unsafe"),
  at("create_bot", 4014, "The content is unsafe"),
  at("publish_bot", 4015, "not published to the API channel"),
  at("create_bot", 4016, "a chat is running"),
  at("create_dataset", 4019, "arrears"),
  at("create_dataset", 4020, "model RPM exceeded"),
  at("create_dataset", 4022, "model service in arrears"),
  at("create_dataset", 4027, "credits used up"),
  at("create_dataset", 4028, "free quota used up"),
  at("create_dataset", 788788103, "insufficient balance"),
  at("create_dataset", 4100, "authentication is invalid", { status: 401 }),
  at("create_dataset", 700012006, "token expired", { status: 401 }),
  at("publish_bot", 4101, "You do not have permission", { status: 403 }),
  at("list_dataset", 4101, "You do not have permission", { status: 403, since: renamed }),
  at("update_bot", 4101, "verify whether the resource ID or token is correct", {
    status: 403,
    since: renamed,
  }),
  at("get_metadata_draft_published", 4101, "verify whether the resource ID or token is correct", {
    status: 403,
    since: renamed,
  }),
  at("create_knowledge_files", 4101, "You do not have permission", { status: 403 }),
  at("create_workspace", 4102, "The content is unsafe"),
  at("create_bot", 4102, "unusual activity"),
  at("publish_bot", 4105, "sensitive content"),
  at("create_knowledge_files", 4305, "web page"),
  at("update_bot", 4200, "The resource does not exist", { status: 404, since: renamed }),
  at("upload_files", 4300, "empty file"),
  at("upload_files", 4301, "more than one file"),
  at("upload_files", 4302, "file too large"),
  at("upload_files", 4303, "unsupported format"),
  at("create_knowledge_files", 4304, "broken file"),
  at("create_dataset", 5000, "internal error", { status: 500 }),
  at("create_bot", 6003, "is_async is a premium feature"),
  at("create_bot", 6006, "code node timed out"),
  at("create_bot", 1109, "WERError"),
  at("add_space_member", 702042162, "user not in the enterprise"),
  at("add_space_member", 702042018, "member limit exceeded"),
  at("add_space_member", 777074011, "enterprise member limit exceeded"),
  at("add_space_member", 777074044, "last super admin"),
  at("create_knowledge_files", 105000011, "knowledge not exist"),
  at("create_knowledge_files", 105000012, "document not exist"),
  at("update_bot", 100000003, "agent not exist", { since: renamed }),
  at("create_bot", 123456789, "something that nobody has seen yet"),
  lost("no answer in time", "list_workspace", new TimeOut("no answer within 60 s")),
  lost("no answer in time", "create_dataset", new TimeOut("no answer within 60 s")),
  lost("connection reset", "create_dataset", broken("ECONNRESET")),
  lost("connection refused", "list_workspace", broken("ECONNREFUSED")),
  lost("name not found", "list_workspace", broken("ENOTFOUND")),
  lost("no way there", "create_dataset", broken("ENETUNREACH")),
  lost("certificate expired", "list_workspace", broken("CERT_HAS_EXPIRED")),
  lost("certificate of a proxy", "list_workspace", broken("SELF_SIGNED_CERT_IN_CHAIN")),
  lost("a failure without a name", "list_workspace", new TypeError("fetch failed")),
  lost("a gateway's page", "create_dataset", page(502, "<html>Bad Gateway</html>")),
  lost("a proxy's page", "list_workspace", page(200, "<html>Please sign in</html>")),
  lost("a proxy that wants a password", "list_workspace", page(407, "<html>Proxy</html>")),
  lost("JSON that is cut off", "create_dataset", page(200, '{"code":0,"data":{"dataset_')),
  lost("JSON that is cut off", "list_workspace", page(200, '{"code":0,"da')),
  lost("HTTP 503 without a body", "create_dataset", page(503, "")),
  lost("HTTP 403 without a code", "list_workspace", page(403, '{"message":"denied"}')),
  lost("a redirect", "list_workspace", page(302, "")),
];

/** Applies the project with one operation refused, and returns what a terminal of 80 columns shows of it. */
async function provoke({ operation, refusal, since }: Row): Promise<string> {
  let armed = since === undefined;
  const { run, write, emulator } = createConsole(files, {
    fetch: async (_url, init) =>
      Response.json({ challenge: (JSON.parse(String(init?.body)) as { challenge: string }).challenge }),
    hooks: {
      before(exchange) {
        if (!armed || exchange.operation !== operation) return undefined;
        if (refusal instanceof Error) throw refusal;
        if (refusal instanceof Response) return refusal.clone();
        const { code, msg, status } = refusal;
        return Response.json({ code, msg, detail: { logid: "L0GID" } }, { status: status ?? 200 });
      },
    },
  });
  const line = ["apply", "--auto-approve", "--parallelism", "1"];
  const how = { typed: "", env: { TERM: "dumb", NO_COLOR: "1" } };
  if (since) {
    expect(await run(line, how)).toMatchObject({ code: 0 });
    write({ "desk.yaml": project.replace(...since) });
    armed = true;
  }
  const before = emulator.requests.length;
  const { code, out, err } = await run(line, how);
  expect(code).toBe(1);
  const calls = emulator.requests.slice(before);
  const last = calls.findLastIndex((call) => call.operation === operation);
  const made = calls.filter((call) => call.operation === operation).length;
  const written = calls.slice(last + 1).filter(({ writes }) => writes).length;
  const summary = out.includes("\nFailed (") ? out.slice(out.lastIndexOf("\nFailed (") + 1) : "";
  // Its counts are in the summary.
  const said = err.replace(/^error: apply (?:failed|is incomplete): .*\n/mu, "");
  return `${said}${summary}(${made} × ${operation}, then ${written} other writes)\n`;
}

const golden = join(import.meta.dirname, "codes.txt");

test("each code and each way of not being answered is told with its place and the next move", async () => {
  const told: string[] = [];
  for (const row of rows) told.push(`## ${row.title}\n${await provoke(row)}`);
  const text = told.join("\n");
  if (process.env.UPDATE) writeFileSync(golden, text);
  expect(text).toBe(readFileSync(golden, "utf8"));
});
