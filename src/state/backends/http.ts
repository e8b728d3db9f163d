import { createHash } from "node:crypto";
import { excerpt } from "../../core/excerpt.ts";
import { escapeInvisible } from "../../core/invisible-characters.ts";
import { version } from "../../core/version.ts";
import { explain } from "../../messages/text.ts";
import type { Backend, LockedBackend, Stored } from "../backend.ts";
import { holdLock } from "../held-locks.ts";
import { Locked } from "../lock.ts";
import {
  describeOwnProcess,
  type ForeignHolder,
  isDead,
  type LockHolder,
  parseHolder,
} from "../lock-holder.ts";
import { StateError } from "../model.ts";
import { checkUnlocking, hintToUnlock, lockedByProbe, noLock } from "../unlocking.ts";
import { openGatheredJournal } from "./gathered-journal.ts";
import { type Answer, quoteAnswer, type Sending, send, unwritable } from "./requests.ts";
import type { BackendContext, HttpSettings } from "./settings.ts";

/** Results that nothing waits for are written this long after the last write, in milliseconds. */
const pauseMs = 2000;

/**
 * Keeps the state at a server of Terraform's http backend, such as GitLab's
 * (https://developer.hashicorp.com/terraform/language/backend/http). It keeps whole documents alone, so the lines of a
 * journal are written as the document that they lead to.
 */
export function openHttpBackend(settings: HttpSettings, context: BackendContext): Backend {
  const server = openServer(settings, context);
  const { name } = server;
  return {
    names: { document: name, journal: name },
    isWhole: true,
    read: () => read(server),
    async lock(holder) {
      let answer = await server.lock(holder);
      const left = isLocked(answer) ? parseLockInfo(answer.body) : undefined;
      if (left && "pid" in left && isDead(left, holder)) {
        await server.unlock(toLockInfo(left));
        answer = await server.lock(holder);
      }
      const found = isLocked(answer) ? parseLockInfo(answer.body) : undefined;
      // With its own id, the answer to an earlier attempt was lost.
      if (isLocked(answer) && found?.id !== holder.id)
        throw new Locked(name, found, hintToUnlock(found, context.environment));
      if (!isLocked(answer) && !isDone(answer)) throw unwritable(server.explainLocking(answer));
      return holdServer(server, holder, context);
    },
    async unlock(id, force) {
      const answer = await probeHolder(server, context);
      if (!answer) throw noLock(name);
      const { environment } = context;
      const holder = checkUnlocking(name, parseLockInfo(answer.body), id, { environment, force });
      const released = await server.unlock({ ...JSON.parse(Buffer.from(answer.body).toString()), ID: id });
      if (!isDone(released)) throw unwritable(server.explain(released));
      return holder;
    },
  };
}

type Server = ReturnType<typeof openServer>;

/**
 * The answer that names the holder of a lock; undefined when there is none. The protocol has no question for it, and not
 * every server compares the ids.
 */
async function probeHolder(
  server: Server,
  { clock, environment }: BackendContext,
): Promise<Answer | undefined> {
  const probe = describeOwnProcess("cozeform state unlock", clock.now());
  const answer = await server.lock(probe);
  // With the probe's own id, the answer to an earlier attempt was lost.
  const isTaken = isDone(answer) || (isLocked(answer) && parseLockInfo(answer.body)?.id === probe.id);
  if (!isTaken) {
    if (isLocked(answer)) return answer;
    throw server.explainLocking(answer);
  }
  try {
    const released = await server.unlock(toLockInfo(probe));
    if (!isDone(released)) throw server.explain(released);
  } catch (error) {
    throw error instanceof StateError ? lockedByProbe(error, probe, environment) : error;
  }
  return undefined;
}

/** The requests of the protocol. */
function openServer(settings: HttpSettings, context: BackendContext) {
  const { lockMethod = "LOCK", unlockMethod = "UNLOCK", updateMethod = "POST" } = settings;
  const address = new URL(settings.address);
  const lockAddress = new URL(settings.lockAddress ?? address);
  const unlockAddress = new URL(settings.unlockAddress ?? lockAddress);
  const { login, secrets } = readLogin(settings, address);
  // fetch refuses addresses with credentials.
  for (const one of [address, lockAddress, unlockAddress]) one.username = one.password = "";
  const name = nameAddress(address);

  const request = (method: string, url: URL, body?: Uint8Array, mode?: Sending["mode"]): Promise<Answer> => {
    const headers = new Headers(login === undefined ? {} : { authorization: login });
    if (body) {
      headers.set("content-type", "application/json");
      headers.set("content-md5", createHash("md5").update(body).digest("base64"));
    }
    // A redirect turns other requests into GET.
    const redirect = method === "GET" ? "follow" : "manual";
    return send(context, {
      place: name,
      mode,
      bytes: body?.length,
      build: () => new Request(url, { method, headers, body: body ?? null, redirect }),
    });
  };
  const explainAnswer = (answer: Answer): StateError => explainStatus(name, answer, secrets);
  const encode = (info: object) => Buffer.from(JSON.stringify(info));
  return {
    name,
    read: (mode?: Sending["mode"]) => request("GET", address, undefined, mode),
    update(document: Uint8Array, id: string) {
      const url = new URL(address);
      url.searchParams.set("ID", id);
      return request(updateMethod, url, document, "patient");
    },
    async lock(holder: LockHolder) {
      const info = encode(toLockInfo(holder));
      try {
        return await request(lockMethod, lockAddress, info);
      } catch (error) {
        // It may have been taken all the same.
        if (context.signal?.aborted)
          await request(unlockMethod, unlockAddress, info, "hurried").catch(() => {});
        throw error;
      }
    },
    unlock: (info: object) => request(unlockMethod, unlockAddress, encode(info), "patient"),
    explain: explainAnswer,
    /** The protocol lets servers have no locks; two runs at a time would create everything twice. */
    explainLocking(answer: Answer): StateError {
      if (![400, 404, 405, 501].includes(answer.status) || isUnknownProject(answer))
        return explainAnswer(answer);
      const { status } = answer;
      return new StateError(
        name,
        explain("state/no-locks", { address: nameAddress(lockAddress), method: lockMethod, status }),
      );
    },
  };
}

/** The login of a request, and what of it no message shows. */
function readLogin({ username, password }: HttpSettings, address: URL) {
  const user = username ?? decodeURIComponent(address.username);
  const word = password ?? decodeURIComponent(address.password);
  if (user === "" && word === "") return { login: undefined, secrets: [] };
  const encoded = Buffer.from(`${user}:${word}`).toString("base64");
  return { login: `Basic ${encoded}`, secrets: [word, encoded] };
}

/** An address without what may be secret. */
function nameAddress(address: URL): string {
  const shown = new URL(address);
  shown.username = shown.password = shown.search = shown.hash = "";
  return shown.href;
}

function explainStatus(name: string, answer: Answer, secrets: readonly string[]): StateError {
  const { status } = answer;
  if (status === 401)
    return new StateError(name, explain(secrets.length > 0 ? "state/login-wrong" : "state/login-missing"));
  if (status === 403) return new StateError(name, explain("state/login-refused"));
  const said = quoteAnswer(answer, secrets);
  if (isUnknownProject(answer)) return new StateError(name, explain("state/no-project", { said }));
  const location = status >= 300 && status < 400 ? answer.headers.get("location") : null;
  if (location !== null && URL.canParse(location, name)) {
    const to = excerpt(nameAddress(new URL(location, name)), 200);
    return new StateError(name, explain("state/redirected", { status, to }));
  }
  const problem = said
    ? explain("state/http-status-with-text", { status, said })
    : explain("state/http-status", { status });
  return new StateError(name, problem);
}

/** GitLab says so of a project that isn't there, and of one that the user may not see. */
const isUnknownProject = ({ status, body }: Answer): boolean =>
  status === 404 && /project not found/iu.test(Buffer.from(body.subarray(0, 4096)).toString());

/** A page for people, such as one to log in at. */
const isWebPage = ({ headers, body }: Answer): boolean =>
  headers.get("content-type")?.includes("html") === true ||
  /^\s*<(?:!doctype|html)/iu.test(Buffer.from(body.subarray(0, 200)).toString());

const isDone = ({ status }: Answer): boolean => [200, 201, 202, 204].includes(status);
const isLocked = ({ status }: Answer): boolean => status === 409 || status === 423;

async function read(server: Server, mode?: Sending["mode"]): Promise<Stored> {
  const answer = await server.read(mode);
  const isEmpty = answer.status === 204 || (answer.status === 404 && !isUnknownProject(answer));
  if (isEmpty) return { document: undefined, journals: [] };
  if (answer.status !== 200) throw server.explain(answer);
  if (isWebPage(answer)) throw new StateError(server.name, explain("state/web-page"));
  const digest = answer.headers.get("content-md5");
  if (digest !== null && digest !== createHash("md5").update(answer.body).digest("base64"))
    throw new StateError(server.name, explain("state/other-digest"));
  return { document: answer.body.length > 0 ? answer.body : undefined, journals: [] };
}

function holdServer(server: Server, holder: LockHolder, { clock }: BackendContext): LockedBackend {
  const update = async (document: Uint8Array): Promise<void> => {
    const answer = await server.update(document, holder.id ?? "");
    if (isDone(answer)) return;
    // The answer to an earlier attempt may have been lost, and GitLab takes no serial twice.
    if ([409, 422, 423].includes(answer.status)) {
      const { document: stored } = await read(server, "patient");
      if (stored && Buffer.compare(stored, document) === 0) return;
    }
    throw isLocked(answer) ? new StateError(server.name, explain("state/lock-lost")) : server.explain(answer);
  };
  return {
    read: () => read(server, "patient"),
    openJournal: (header, { whole }) =>
      openGatheredJournal(header, { pauseMs, isWhole: true, write: () => update(whole()) }, clock),
    async save(document) {
      try {
        await update(document);
      } catch (error) {
        throw unwritable(error);
      }
    },
    removeJournal: async () => {},
    release: holdLock(async () => {
      await server.unlock(toLockInfo(holder)).catch(() => {});
    }),
  };
}

/** Terraform's description of a lock: https://pkg.go.dev/github.com/hashicorp/terraform/internal/states/statemgr#LockInfo. */
function toLockInfo(holder: LockHolder): object {
  const { id: ID = "", command: Operation, since: Created, user, host } = holder;
  const Who = `${user}@${host}`;
  return { ID, Operation, Info: JSON.stringify(holder), Who, Version: version, Created, Path: "" };
}

/** The holder that a server names; undefined when it names none. */
function parseLockInfo(body: Uint8Array): LockHolder | ForeignHolder | undefined {
  let info: { readonly [name: string]: unknown } | null;
  try {
    info = JSON.parse(Buffer.from(body).toString());
  } catch {
    return undefined;
  }
  const text = (name: string): string => excerpt(escapeInvisible(String(info?.[name] ?? "")), 200);
  const id = text("ID");
  if (id === "") return undefined;
  const holder = parseHolder(typeof info?.Info === "string" ? info.Info : "");
  if (holder?.id === id) return holder;
  // GitLab answers what the asking client has sent, with the id and the user of the holder.
  const command = holder ? undefined : text("Operation") || undefined;
  return { id, who: text("Who"), since: text("Created"), command };
}
