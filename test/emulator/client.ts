import { join } from "node:path";
import { expect } from "@jest/globals";
import { createEmulator, type Emulator, type EmulatorOptions } from "../../src/emulator/index.ts";
import { makeScratch } from "../support/scratch.ts";

/** An answer of the emulator: HTTP status and parsed body. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
}

/** An emulator with a hand-driven clock and one team workspace, and the calls to talk to it. */
export interface Stage {
  readonly emulator: Emulator;
  readonly clock: { ms: number };
  readonly space: string;
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  remove(path: string, body?: unknown): Promise<Answer>;
  upload(name: string, content: string | Uint8Array<ArrayBuffer>): Promise<Answer>;
  /** Sends a form: texts, and a file if there is one. */
  sendForm(
    method: "POST" | "PUT",
    path: string,
    texts: Readonly<Record<string, string>>,
    file?: File,
  ): Promise<Answer>;
  /** The same stage with another token. */
  as(token: string): Stage;
}

const base = "http://localhost";

const scratch = makeScratch();
let stages = 0;
let underWay = 0;

/** What a world holds; without its last id, which a refused call may use up. */
const itemsOf = ({ world }: Emulator): object => ({
  ...JSON.parse(JSON.stringify(world.snapshot())),
  last_id: "",
});

/**
 * Starts an emulator whose clock stands at the first of 2026 until a test moves it. After each call the world's file and
 * its changes must hold what the world holds.
 */
export function setStage(options: EmulatorOptions = {}): Stage {
  const clock = { ms: Date.UTC(2026, 0, 1) };
  stages += 1;
  const file = join(scratch, `world-${stages}.json`);
  const emulator = createEmulator({ now: () => clock.ms, file, wholeBelow: 0, ...options });
  const space = emulator.world.addWorkspace({ name: "team" }).id;
  return openStage({ emulator, clock, space, options, file }, emulator.token);
}

interface StageParts extends Pick<Stage, "emulator" | "clock" | "space"> {
  readonly options: EmulatorOptions;
  readonly file: string;
}

function openStage(parts: StageParts, token: string): Stage {
  const { emulator, clock, space, options, file } = parts;
  const send = async (method: string, path: string, body?: string | FormData, headers = {}) => {
    const authorization = `Bearer ${token}`;
    const init = { method, body: body ?? null, headers: { authorization, ...headers } };
    const isAlone = underWay === 0 && options.file === undefined;
    // Tests change the world directly between calls.
    if (isAlone) await emulator.save();
    underWay += 1;
    try {
      const answer = await readAnswer(await emulator.fetch(base + path, init));
      if (isAlone && underWay === 1) expect(itemsOf(createEmulator({ file }))).toEqual(itemsOf(emulator));
      return answer;
    } finally {
      underWay -= 1;
    }
  };
  const json = { "content-type": "application/json", "agw-js-conv": "str" };
  return {
    emulator,
    clock,
    space,
    get: (path) => send("GET", path),
    post: (path, body, headers = json) => send("POST", path, JSON.stringify(body), headers),
    put: (path, body) => send("PUT", path, JSON.stringify(body), json),
    remove: (path, body) => send("DELETE", path, body === undefined ? undefined : JSON.stringify(body), json),
    upload: (name, content) => {
      const form = new FormData();
      form.append("file", new File([content], name));
      return send("POST", "/v1/files/upload", form);
    },
    sendForm: (method, path, texts, content) => {
      const form = new FormData();
      for (const [name, value] of Object.entries(texts)) form.append(name, value);
      if (content) form.append("file", content);
      return send(method, path, form);
    },
    as: (other) => openStage(parts, other),
  };
}

/** Reads an answer whole. */
export async function readAnswer(response: Response): Promise<Answer> {
  return { status: response.status, body: JSON.parse(await response.text()), headers: response.headers };
}

/** The text at a dotted place of an answer, such as "data.bot_id". */
export function textAt(answer: Answer, place: string): string {
  const found = valueAt(answer, place);
  if (typeof found !== "string") throw new Error(`No text at ${place} of ${JSON.stringify(answer.body)}`);
  return found;
}

/** The list of objects at a dotted place of an answer, such as "data.items". */
export function listAt(answer: Answer, place: string): Record<string, unknown>[] {
  const found = valueAt(answer, place);
  if (!Array.isArray(found)) throw new Error(`No list at ${place} of ${JSON.stringify(answer.body)}`);
  return found;
}

/** Whatever is at a dotted place of an answer. */
export function valueAt(answer: Answer, place: string): unknown {
  let at: unknown = answer.body;
  for (const step of place.split(".")) {
    at =
      typeof at === "object" && at !== null
        ? Object.entries(at).find(([key]) => key === step)?.[1]
        : undefined;
  }
  return at;
}

/** Opens the HTTP door for as long as `use` runs. */
export async function withDoor<T>(emulator: Emulator, use: (url: string) => Promise<T>): Promise<T> {
  const door = await emulator.listen();
  try {
    return await use(door.url);
  } finally {
    await door.close();
  }
}
