import { type Diagnostic, InvalidInput, isError, sortDiagnostics } from "../core/diagnostic.ts";
import type { Field } from "../core/field.ts";
import { formatPath, leavesOf } from "../core/spec-walk.ts";
import { canonicalJson } from "../core/value.ts";
import type { CozeClient } from "../coze/client.ts";
import { Forbidden, NotFound, Unauthenticated } from "../coze/error-classes.ts";
import type { CallRecord } from "../coze/http/transport.ts";
import { checkReferences } from "../engine/check-references.ts";
import type { Resource } from "../kind/resource.ts";
import { cozeProvider, kinds } from "../kinds/index.ts";
import { applyRuleLevels } from "../manifest/checks/rules.ts";
import type { Project } from "../manifest/load.ts";
import { explain, say } from "../messages/text.ts";
import type { State } from "../state/model.ts";
import { readState } from "../state/store.ts";
import { findUsage, type ProbeSession, probePermissions } from "./access-probes.ts";
import { bindSources } from "./bind-copy-sources.ts";
import { type CozeEngine, type EnvironmentConnections, openConnections } from "./connections.ts";
import type { Host } from "./host.ts";
import { findStatePlace, type ProjectOptions, type RunProject, readProject } from "./project.ts";
import { warnOfUnmatched } from "./unmatched-manifests.ts";

/** What a check against Coze found besides its diagnostics. */
export interface OnlineFacts {
  /** How many ids and lookups were found in Coze. */
  readonly found: number;
  /** The account's plan in Coze's word; absent when the token may not read it. */
  readonly plan?: string | undefined;
  /** What couldn't be checked, and why; sentences. */
  readonly unchecked: readonly string[];
  /** API calls made. */
  readonly calls: number;
}

/** A project that was checked against Coze. */
export interface OnlineValidation {
  readonly project: Project;
  /** Every problem; codes `signed-out` and `permission` are about tokens, all others about the input. */
  readonly diagnostics: readonly Diagnostic[];
  /** Absent when the project is invalid by itself: then no call was made. */
  readonly online?: OnlineFacts | undefined;
}

/**
 * Checks a project, and then what it names against Coze: tokens and what they may read, the account's plan, lookups, and
 * ids in manifests. Makes reading calls alone, each at most once, and writes nothing. Throws {@link InvalidInput} when a
 * token or key is missing, and what a call throws that fails for another reason than permission.
 */
export async function validateOnline(host: Host, options: ProjectOptions): Promise<OnlineValidation> {
  const project = await readProject(host, options);
  const unmatched = applyRuleLevels(warnOfUnmatched(await project.findUnmatched()), project.levels);
  const offline = [...project.diagnostics, ...unmatched];
  if (offline.some(isError)) return { project, diagnostics: sortDiagnostics(offline) };
  const records: CallRecord[] = [];
  const onCall = (record: CallRecord): void => {
    records.push(record);
    host.onCall?.(record);
  };
  const state = await readState(await findStatePlace(project, options));
  const connections = rememberReads(await openConnections({ ...host, onCall }, project, options));
  const { engine } = connections;
  const session: ProbeSession = {
    kinds,
    usage: findUsage(kinds, project, state),
    seen: new Map(),
    records,
  };
  const access = await checkAccess(engine, session);
  const account = await readPlan(engine);
  const limits = account.plan === undefined ? [] : checkPlan(project.resources, account.plan);
  const bound = await bind(host, connections, options, project, state);
  const isSignedOut = access.diagnostics.some(({ code }) => code === "signed-out");
  const named = isSignedOut
    ? undefined
    : await checkReferences(engine, {
        desired: bound.desired,
        entries: new Map(Object.entries(state.resources)),
        cache: new Map(),
        salt: state.lineage,
        refresh: "auto",
      });
  const found = [...access.diagnostics, ...limits, ...bound.diagnostics, ...(named?.diagnostics ?? [])];
  const untold = (named?.untold ?? []).map((one) => say("commands/id-untold", one));
  return {
    project,
    diagnostics: host.secrets.redactValue(sortDiagnostics([...offline, ...found])),
    online: {
      found: named?.found ?? 0,
      plan: account.plan,
      unchecked: [...access.unchecked, ...account.unchecked, ...untold],
      calls: engine.callCount(),
    },
  };
}

/** The connections with clients that send each read once: several checks ask the same. */
function rememberReads(connections: EnvironmentConnections): EnvironmentConnections {
  const clients = new Map<CozeClient, CozeClient>();
  const remember = (engine: CozeEngine): CozeEngine => ({
    ...engine,
    apiOf(kind) {
      const api = engine.apiOf(kind);
      const known = clients.get(api) ?? api.remembering();
      clients.set(api, known);
      return known;
    },
  });
  return {
    ...connections,
    engine: remember(connections.engine),
    enter: async (other) => remember(await connections.enter(other)),
  };
}

/** Copy sources in other environments are found, too; otherwise the resources stay as they are written. */
async function bind(
  host: Host,
  connections: EnvironmentConnections,
  options: ProjectOptions,
  project: RunProject,
  state: State,
): Promise<{ readonly desired: readonly Resource[]; readonly diagnostics: readonly Diagnostic[] }> {
  try {
    const { desired } = await bindSources(host, connections, options, project, state);
    return { desired, diagnostics: [] };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return { desired: project.resources, diagnostics: error.diagnostics };
  }
}

interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  readonly unchecked: readonly string[];
}

/** Whether tokens work, and what they may read of what the project uses. */
async function checkAccess(engine: CozeEngine, session: ProbeSession): Promise<Findings> {
  const diagnostics: Diagnostic[] = [];
  const unchecked: string[] = [];
  for (const api of new Set(kinds.map((kind) => engine.apiOf(kind)))) {
    const served = kinds.filter((kind) => engine.apiOf(kind) === api);
    const first = async () => {
      for await (const _ of api.workspaces.list()) return;
    };
    const serves = (name: string) => served.some((kind) => kind.name === name);
    const { permissions, untold, failure } = await probePermissions(session, api, { serves, first });
    const [kind] = served;
    if (!kind) continue;
    const { source, at } = engine.signIn(kind);
    const report = (code: string, problem: Pick<Diagnostic, "message" | "hint">) =>
      diagnostics.push({ code, severity: "error", ...problem, at });
    if (failure !== undefined && !(failure instanceof Unauthenticated || failure instanceof Forbidden))
      throw failure;
    if (failure !== undefined) {
      const { message, hint } = engine.provider.explain(failure);
      report("signed-out", { message: say("commands/token-fails", { source, reason: message }), hint });
    }
    const refused = permissions.filter(({ result }) => result === "refused").map(({ name }) => name);
    if (refused.length > 0)
      report(
        "permission",
        explain("commands/permissions-missing", { source, permissions: refused.join(", ") }),
      );
    unchecked.push(
      ...untold.map((one) => say("commands/permission-untold", { kind: one.kind, reason: one.because })),
    );
  }
  return { diagnostics, unchecked };
}

/** The account's plan; tokens may well lack the permission to read it. */
async function readPlan(
  engine: CozeEngine,
): Promise<{ readonly plan?: string | undefined; readonly unchecked: readonly string[] }> {
  const [kind] = kinds;
  if (!kind) return { unchecked: [] };
  try {
    return { plan: await cozeProvider.account?.plan(engine.apiOf(kind)), unchecked: [] };
  } catch (error) {
    const isUntold = [Forbidden, NotFound, Unauthenticated].some((one) => error instanceof one);
    if (!isUntold) throw error;
    const reason = engine.provider.explain(error).message;
    return { unchecked: [say("commands/plan-untold", { reason })] };
  }
}

/** The fields that the account's plan doesn't include. */
function checkPlan(resources: readonly Resource[], plan: string): readonly Diagnostic[] {
  return resources.flatMap(({ kind: name, address, spec, locate }) => {
    const fields = kinds.find((one) => one.name === name)?.fields ?? {};
    return leavesOf(fields, spec).flatMap(({ shape, value, path }): readonly Diagnostic[] => {
      const { plan: needs }: Pick<Field, "plan"> = shape as Partial<Field>;
      const isUsed =
        needs && (!needs.values || needs.values.some((one) => canonicalJson(one) === canonicalJson(value)));
      if (!isUsed || cozeProvider.account?.covers(plan, needs.level) !== false) return [];
      const field = formatPath(path);
      const problem = explain(`commands/plan-needed-${needs.level}`, { field, plan });
      return [{ code: "plan", severity: "error", ...problem, at: locate(path), address }];
    });
  });
}
