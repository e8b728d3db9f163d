/** cozeform as a library: every command as a function, and the words they speak in. */

export { type AdoptedLive, type AdoptLiveOptions, adoptLive } from "./commands/adopt-live.ts";
export {
  type Applied,
  type ApplyCommandOptions,
  apply,
} from "./commands/apply.ts";
export { type AuthCheck, type CredentialCheck, checkAuth } from "./commands/auth.ts";
export {
  type CompareCommandOptions,
  type ComparedEnvironments,
  planAgainst,
} from "./commands/compare-environments.ts";
export { type Converted, type ConvertOptions, convertExports } from "./commands/convert.ts";
export {
  type EmulatorCommandOptions,
  type EmulatorEditOptions,
  editEmulator,
  serveEmulator,
} from "./commands/emulator.ts";
export { type ExportOptions, exportWorkspaces } from "./commands/export.ts";
export { readFaultFile } from "./commands/fault-file.ts";
export { history, type ResourceHistory } from "./commands/history.ts";
export { createHost, type Host } from "./commands/host.ts";
export {
  type Imported,
  type ImportList,
  type ImportRequest,
  importObjects,
  readImportFile,
} from "./commands/import.ts";
export { initProject } from "./commands/init.ts";
export { NotInstalled } from "./commands/machine-errors.ts";
export { outputs } from "./commands/outputs.ts";
export { type PlanCommandOptions, type Planned, plan } from "./commands/plan.ts";
export type { ProjectOptions } from "./commands/project.ts";
export { validate } from "./commands/project.ts";
export { type PromotionCommandOptions, planPromotion, promote, retire } from "./commands/promote.ts";
export { Refused, StalePlan, TooFewCalls } from "./commands/refusals.ts";
export {
  type ReleaseRollbackOptions,
  type RolledBackRelease,
  rollbackRelease,
} from "./commands/release-rollback.ts";
export { type RolledBack, rollback } from "./commands/rollback.ts";
export { writeSchemas } from "./commands/schema.ts";
export { listState, moveState, removeState, showState } from "./commands/state.ts";
export { type ProjectStatus, type StatusCommandOptions, status } from "./commands/status.ts";
export {
  type Installed,
  type InstallOptions,
  installProvider,
} from "./commands/terraform.ts";
export { type OnlineFacts, type OnlineValidation, validateOnline } from "./commands/validate-online.ts";
export type { Address } from "./core/address.ts";
export { type Diagnostic, InvalidInput, type Location } from "./core/diagnostic.ts";
export type { Failure } from "./core/failure.ts";
export type { Field, Fields, Shape } from "./core/field.ts";
export { version } from "./core/version.ts";
export {
  type ChatRule,
  createEmulator,
  type EditDone,
  type Emulator,
  type EmulatorOptions,
  type FaultRule,
  type RunRule,
  WorldError,
} from "./emulator/index.ts";
export type { ApplyResult } from "./engine/apply.ts";
export type { Clock } from "./engine/engine.ts";
export type { RunEvent } from "./engine/events.ts";
export type { Exported } from "./export/compose.ts";
export type { Kind } from "./kind/kind.ts";
export type { Resource } from "./kind/resource.ts";
export type { KindSchema } from "./kind/schema.ts";
export type { Entry } from "./kind/state-entry.ts";
export { kinds } from "./kinds/index.ts";
export type { Project } from "./manifest/load.ts";
export type { FieldChange } from "./plan/diff.ts";
export type { Plan, Step } from "./plan/plan.ts";
export type { Redaction } from "./secrets/redaction.ts";
export { Locked } from "./state/lock.ts";
export { StateError } from "./state/model.ts";
