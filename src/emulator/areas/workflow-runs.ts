import { NoAnswer } from "../faults/fault-actions.ts";
import { type BodyParts, codes, Refusal, refuseMissing, refuseParameter } from "../http/envelope.ts";
import { operation } from "../http/operation.ts";
import { anything, flag, id, map, required, text, type Values } from "../http/params.ts";
import { isPersonal } from "../world/plans.ts";
import type { World } from "../world/world.ts";
import { type Area, type FieldsOf, findIn, stored } from "./area.ts";
import { visibleBot } from "./bot-collection.ts";
import { endOf, outcomeOfRun, type ReplyOutcome, type Trouble, troubleFields } from "./reply-rules.ts";
import { visibleWorkflow, type Workflow, type WorkflowVersion } from "./workflows.ts";

/** A run of a workflow in the background; its outcome shows once the clock has passed `due_at_ms`. */
interface WorkflowRun {
  id: string;
  workflow_id: string;
  bot_id: string;
  connector_id: string;
  connector_uid: string;
  created_at_ms: number;
  due_at_ms: number;
  output: string;
  fails?: Trouble | undefined;
}

declare module "../world/world.ts" {
  interface World {
    readonly runs: Map<string, WorkflowRun>;
  }
}

const runFields = {
  id: required(id),
  workflow_id: stored.text,
  bot_id: stored.text,
  connector_id: stored.text,
  connector_uid: stored.text,
  created_at_ms: stored.number,
  due_at_ms: stored.number,
  output: stored.text,
  fails: troubleFields,
} as const satisfies FieldsOf<WorkflowRun>;

const runRules = {
  workflow_id: required(id),
  // A text of JSON in the table, an object in the examples.
  parameters: anything,
  bot_id: id,
  app_id: id,
  ext: map,
  is_async: flag,
  workflow_version: text(),
  connector_id: id,
} as const;

type RunRequest = Values<typeof runRules>;

/** Coze closes connections without an answer after this time (workflow_run). */
const connectionTimeoutMs = 90_000;

/** workflow_run, workflow_history. */
const runOperations = [
  operation({
    name: "workflow_run",
    method: "POST",
    path: "/v1/workflow/run",
    permissions: ["run"],
    body: runRules,
    answer: async ({ world, body, services }) => {
      if (body.is_async && isPersonal(world)) {
        const what = "Workflow execution with is_async=true is a premium feature";
        throw new Refusal(codes.premium, `${what} available only to Coze Professional users`);
      }
      const workflow = visibleWorkflow(world, body.workflow_id);
      const version = versionToRun(world, workflow, body);
      const parameters = readParameters(workflow, body.parameters);
      const outcome = outcomeOfRun(world, workflow, version, parameters);
      const execute_id = world.newId();
      const debug_url = addressOf(workflow, execute_id);
      if (body.is_async) {
        startRun(world, execute_id, body, outcome);
        return { execute_id, debug_url };
      }
      return { ...(await answerAtOnce(world, outcome, services.wait)), debug_url };
    },
  }),
  operation({
    name: "workflow_history",
    method: "GET",
    path: "/v1/workflows/:workflow_id/run_histories/:execute_id",
    permissions: ["listRunHistory"],
    answer: ({ world, path }) => {
      const workflow = visibleWorkflow(world, path.workflow_id);
      const run = findIn(world.runs, "execution", path.execute_id);
      return run.workflow_id === workflow.id
        ? { data: [showRun(world, workflow, run)] }
        : refuseMissing("execution", run.id);
    },
  }),
];

/** Runs of workflows. */
export const runArea: Area = {
  operations: runOperations,
  collections: { runs: { fields: runFields, generation: 2 } },
};

/** The published version that a run executes. Throws a Refusal without one. */
function versionToRun(world: World, workflow: Workflow, body: RunRequest): WorkflowVersion {
  const inApp = workflow.app_id !== "0";
  if (inApp && body.app_id !== workflow.app_id) {
    refuseParameter("app_id", `must be the app of the workflow: ${workflow.app_id}`);
  }
  if (body.bot_id && !("1024" in visibleBot(world, body.bot_id).channels)) {
    throw new Refusal(codes.notPublished, `The bot ${body.bot_id} has not been published as an API service`);
  }
  const published = workflow.versions.filter(({ status }) => status === "published_online");
  // Only workflows of the library have selectable versions: apps use the latest published one.
  const wanted = inApp ? undefined : body.workflow_version;
  const found = wanted ? published.find(({ version }) => version === wanted) : published.at(-1);
  return found ?? refuseMissing(wanted ? `version ${wanted} of workflow` : "published workflow", workflow.id);
}

function readParameters(workflow: Workflow, given: unknown): Readonly<Record<string, unknown>> {
  const read = typeof given === "string" && given !== "" ? parseJson(given) : given || {};
  if (typeof read !== "object" || read === null || Array.isArray(read)) {
    refuseParameter("parameters", "must be an object");
  }
  const named = new Map<string, unknown>(Object.entries(read));
  const inputs = new Map<string, unknown>(Object.entries(Object(workflow.input.parameters)));
  for (const [name, input] of inputs) {
    if (Object(input).required === true && !named.has(name)) {
      refuseParameter("parameters", `lacks ${name}, which is required`);
    }
  }
  return Object.fromEntries(named);
}

function parseJson(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    return refuseParameter("parameters", "is not valid JSON");
  }
}

async function answerAtOnce(
  { options }: World,
  { takes_ms = options.runMs, never_ends, text: data, fails }: ReplyOutcome,
  wait: (ms: number) => Promise<void>,
): Promise<BodyParts> {
  const takes = never_ends ? Number.POSITIVE_INFINITY : takes_ms;
  if (takes > 0) await wait(Math.min(takes, connectionTimeoutMs));
  if (takes > connectionTimeoutMs) throw new NoAnswer("no answer within 90 seconds", "ECONNRESET");
  if (fails) throw new Refusal(fails.code, fails.msg);
  return { data, usage: usageOf(data) };
}

function startRun(world: World, executeId: string, body: RunRequest, outcome: ReplyOutcome): void {
  world.runs.set(executeId, {
    id: executeId,
    workflow_id: body.workflow_id,
    bot_id: body.bot_id ?? "0",
    connector_id: body.connector_id ?? "1024",
    connector_uid: String(body.ext?.user_id ?? world.options.me.id),
    created_at_ms: world.now(),
    due_at_ms: endOf(world, outcome, world.options.runMs),
    output: outcome.text,
    fails: outcome.fails,
  });
}

function showRun(world: World, workflow: Workflow, run: WorkflowRun): object {
  const { id: execute_id, bot_id, connector_id, connector_uid, fails, output } = run;
  const isOver = world.now() >= run.due_at_ms;
  const status = fails ? "Fail" : "Success";
  const [created, due] = [run.created_at_ms, run.due_at_ms].map((ms) => Math.floor(ms / 1000));
  return {
    ...{ execute_id, bot_id, connector_id, connector_uid },
    execute_status: isOver ? status : "Running",
    run_mode: 2,
    // The end node's output, serialised once more under a separate name.
    output: isOver && !fails ? JSON.stringify({ Output: output }) : "",
    create_time: created,
    update_time: isOver ? due : created,
    error_code: isOver && fails ? String(fails.code) : "",
    error_message: isOver && fails ? fails.msg : "",
    debug_url: addressOf(workflow, execute_id),
    usage: usageOf(isOver ? output : ""),
    logid: `${new Date(run.created_at_ms).toISOString().replace(/\D/gu, "").slice(0, 14)}${execute_id}`,
    is_output_trimmed: false,
    node_execute_status: {},
  };
}

const addressOf = ({ id: workflowId, space_id }: Workflow, executeId: string): string =>
  `https://www.coze.cn/work_flow?execute_id=${executeId}&space_id=${space_id}&workflow_id=${workflowId}`;

const usageOf = ({ length }: string): object => ({
  input_count: 0,
  output_count: length,
  token_count: length,
});
