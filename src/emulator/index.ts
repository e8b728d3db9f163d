/**
 * A stateful fake of the Coze API, written from the API reference alone. It remembers what it is told and
 * refuses what the reference refuses. Chats and runs of workflows go by a script. It does not imitate streams,
 * conversations beyond their chats, stopped or resumed runs, voices, enterprises and organizations,
 * collaborators, connector installation, quotas, variables, OAuth that asks a user, or the delivery of callback
 * events.
 */
export { type Edit, editFileSchema, editKinds, kindOfEdit } from "./edit-rules.ts";
export type { EditDone, EditProblem } from "./edit-search.ts";
export { playEdits } from "./edits.ts";
export { createEmulator, type Emulator, type EmulatorOptions, type Listening } from "./emulator.ts";
export type * from "./entities.ts";
export { type FaultRule, operationWords } from "./fault-rules.ts";
export { faultFileSchema } from "./fault-schema.ts";
export type { FaultHit } from "./faults.ts";
export { type LimitOptions, publishedLimits } from "./limits.ts";
export { isWrite, operationNames, permissionPoints } from "./routes.ts";
export type { ChatRule, RunRule } from "./script.ts";
export type { Exchange, RecordedRequest } from "./server.ts";
export { type AppOptions, readPublicKey } from "./tokens.ts";
export type { World } from "./world.ts";
export { WorldError } from "./world-error.ts";
