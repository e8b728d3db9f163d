import { cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { apply } from "../../../src/commands/apply.ts";
import type { Hooks } from "../../../src/emulator/http/server.ts";
import { answering } from "../answers.ts";
import type { Story } from "../story.ts";
import type { End, Storm } from "./scenario.ts";
import { expectWords } from "./words.ts";

/** Ends runs at one of their calls: its `hooks` are for the emulator. */
export function createReaper() {
  let calls = 0;
  let due: End | undefined;
  let reap: () => void = () => {};
  let dead = false;
  const pass = (moment: End["moment"]): undefined => {
    if (due?.how !== "itself" && calls === due?.call && moment === due.moment) {
      reap();
      dead = due.how === "killed";
    }
    // Nobody hears of what happens after a process was killed, and nothing happens any more.
    if (dead) throw new TypeError("killed");
  };
  return {
    await(end: End, onEnd: () => void): void {
      [calls, due, reap, dead] = [0, end, onEnd, false];
    },
    leave(): void {
      [due, dead] = [undefined, false];
    },
    hooks: {
      before() {
        calls += 1;
        return pass("before");
      },
      after: () => pass("after"),
    } satisfies Hooks,
  };
}

export const allow = new Set(["allow-ownership-transfer", "allow-orphans"] as const);

/**
 * An apply in bad weather. That the process is killed at a call is played by taking the files as they are then and
 * putting them back when the run, which nobody answers any more, has given up.
 */
export async function applyThrough(
  story: Story,
  reaper: ReturnType<typeof createReaper>,
  { end, parallelism }: Storm,
): Promise<void> {
  const [folder, kept] = [join(story.directory, ".cozeform"), `${story.directory}-kept`];
  const controller = new AbortController();
  let killed = false;
  reaper.await(end, () => {
    if (end.how === "interrupted") return controller.abort();
    killed = true;
    if (existsSync(folder)) cpSync(folder, kept, { recursive: true });
  });
  try {
    const host = { ...story.host, signal: controller.signal };
    const options = { ...story.common, approve: async () => true, parallelism };
    await answering({ allow }, (answers) => apply(host, { ...options, ...answers }));
  } catch (error) {
    if (!killed) expectWords(error);
  } finally {
    reaper.leave();
  }
  if (!killed) return;
  rmSync(folder, { recursive: true, force: true });
  if (!existsSync(kept)) return;
  cpSync(kept, folder, { recursive: true });
  rmSync(kept, { recursive: true });
  // A dead process holds no lock, and this one lives on.
  for (const name of readdirSync(folder)) if (name.endsWith(".lock")) rmSync(join(folder, name));
}
