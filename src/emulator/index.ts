/**
 * A stateful fake of the Coze API, written from the API reference alone. It remembers what it is told and
 * refuses what the reference refuses; it does not imitate chats, workflow runs, voices, enterprises and
 * organizations, collaborators, connector installation, quotas, variables, OAuth, rate limits, permission
 * points of tokens, or the delivery of callback events.
 */
export { createEmulator, type Emulator, type EmulatorOptions, type Listening } from "./emulator.ts";
export type * from "./entities.ts";
export { isWrite } from "./routes.ts";
export type { Exchange, RecordedRequest } from "./server.ts";
export type { World } from "./world.ts";
