/**
 * A stateful fake of the Coze API, written from the API reference alone. It remembers what it is told and
 * refuses what the reference refuses. Chats and runs of workflows go by a script. It does not imitate streams,
 * conversations beyond their chats, stopped or resumed runs, voices, enterprises and organizations,
 * collaborators, connector installation, quotas, variables, OAuth that asks a user, or the delivery of callback
 * events.
 */

export type * from "./areas/index.ts";
export { createEmulator, type Emulator, type EmulatorOptions, type Listening } from "./emulator.ts";
export { type FaultRule, operationWords } from "./faults/fault-rules.ts";
export { faultFileSchema } from "./faults/fault-schema.ts";
export type { FaultHit } from "./faults/faults.ts";
export { type LimitOptions, publishedLimits } from "./http/limits.ts";
export { isWrite, operationNames, permissionPoints } from "./http/routes.ts";
export type { Exchange, RecordedRequest } from "./http/server.ts";
export { type AppOptions, readPublicKey } from "./http/tokens.ts";
export { type Edit, editFileSchema, editKinds, kindOfEdit } from "./ui-actions/action-rules.ts";
export type { EditDone, EditProblem } from "./ui-actions/find-object.ts";
export { playEdits } from "./ui-actions/play-actions.ts";
export type { World } from "./world/world.ts";
export { WorldError } from "./world/world-error.ts";
