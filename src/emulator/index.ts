/**
 * A stateful emulator of the Coze API, written from the API reference alone. It stores what it is sent and refuses what
 * the reference refuses. Chats and runs of workflows follow rules. It does not imitate streams, messages outside of chats,
 * stopped or resumed runs, speech, bills, OAuth in a browser, or the delivery of callback events.
 */

export type * from "./areas/index.ts";
export { createEmulator, type Emulator, type EmulatorOptions, type Listening } from "./emulator.ts";
export { type FaultRule, faultFileSchema, operationWords } from "./faults/fault-rules.ts";
export type { FaultHit } from "./faults/faults.ts";
export { type LimitOptions, publishedLimits } from "./http/limits.ts";
export { isWrite, operationNames, permissionPoints } from "./http/routes.ts";
export type { Exchange, RecordedRequest } from "./http/server.ts";
export { type AppOptions, readPublicKey } from "./http/tokens.ts";
export { type Edit, editFileSchema, editKinds, kindOfEdit } from "./ui-actions/edit-rules.ts";
export type { EditDone, EditProblem } from "./ui-actions/find-object.ts";
export { playEdits } from "./ui-actions/play-edits.ts";
export { type Variant, variantNames } from "./world/variants.ts";
export type { World } from "./world/world.ts";
export { WorldError } from "./world/world-error.ts";
