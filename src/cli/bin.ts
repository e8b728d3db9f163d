#!/usr/bin/env node
import { say } from "../messages/text.ts";

const needed = [20, 19] as const;

/** Everything but the messages is loaded only in a Node that can read it. */
async function start(): Promise<void> {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > needed[0] || (major === needed[0] && minor >= needed[1])) await import("./process.ts");
  else {
    const versions = { needed: needed.join("."), version: process.versions.node };
    process.stderr.write(say("common/error").concat(" ", say("cli/old-node", versions), "\n"));
    process.exitCode = 1;
  }
}

void start();
