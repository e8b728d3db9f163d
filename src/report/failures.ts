import type { Location } from "../core/diagnostic.ts";
import type { Failure, FailurePart } from "../core/failure.ts";
import { groupBy } from "../core/group.ts";
import type { ApplyResult } from "../engine/apply.ts";
import { say } from "../messages/text.ts";
import { type RunDrawing, signOf } from "./action-style.ts";
import { drawSource, formatLocation } from "./diagnostics.ts";
import { printableLine } from "./escape-control.ts";
import { describeFailure } from "./events.ts";
import { groupIncomplete } from "./group-steps.ts";
import { indent, type Line, plain } from "./styled-text.ts";

/** How failures are drawn. With `sources`, the manifests' texts by file, failures show their source lines. */
export interface FailureDrawing extends RunDrawing {
  readonly sources?: ReadonlyMap<string, string> | undefined;
}

type Failed = ApplyResult["failed"][number];

/** The most lines for the resources of one cause. */
const mostListed = 10;

/** Equal for failures of one cause. The operation doesn't matter for failures that end a run. */
export function causeOf(failed: Failed): string {
  const { type, operation, code, message, parts } = failed.failure;
  const call = type === "billing" || type === "signed-out" ? undefined : operation;
  const reasons = parts?.map(({ text }) => text);
  return JSON.stringify([type, call, code, message, reasons, sharedHint(failed)]);
}

/** A hint without the address of the resource. */
const sharedHint = ({ step, failure }: Failed): string | undefined =>
  failure.hint?.replaceAll(step.address, "ADDRESS");

/** Failures grouped by cause: each cause once, with its resource or a list of them. */
export function drawFailures(failed: readonly Failed[], drawing: FailureDrawing): readonly Line[] {
  return [...groupBy(failed, causeOf).values()].flatMap((alike) =>
    alike.length > 1 ? drawSimilar(alike[0], alike, drawing) : drawOne(alike[0], drawing),
  );
}

function drawOne({ step, failure }: Failed, drawing: FailureDrawing): readonly Line[] {
  const { parts = [], ...call } = failure;
  return [
    [
      signOf(step, drawing.createFirst),
      { text: printableLine(step.address), tone: "strong" },
      ...plain(`  ${describeFailure(call)}`),
    ],
    ...(parts.length > 0 ? parts.flatMap(drawPart) : drawPlaces({ step, failure }, drawing)),
    ...drawHint(failure.hint),
  ];
}

/** One obstacle with its line in the manifests. */
const drawPart = ({ text, at }: FailurePart): readonly Line[] =>
  detail(printableLine(at ? [formatLocation(at), text].join("  ") : text));

/** The places in the manifests: the fields that caused the failure, or else the resource. */
function drawPlaces({ step: { at }, failure: { fields = [] } }: Failed, drawing: FailureDrawing) {
  const [only, ...others] = fields;
  if (!only) return detail(at && printableLine(formatManifest(at)));
  const places = fields.flatMap((one) => drawPart({ at: one.at, text: one.path }));
  if (others.length > 0 || !drawing.sources) return places;
  const source = drawSource(only.at, drawing.sources, drawing.width - 4, "error");
  return [...places, ...source.map((line) => indent(line, 4))];
}

function drawSimilar(first: Failed, alike: readonly Failed[], { createFirst }: RunDrawing) {
  const listed = listResources(alike);
  const shown = listed.length > mostListed + 1 ? listed.slice(0, mostListed) : listed;
  const rest = alike.length - shown.reduce((total, { count }) => total + count, 0);
  const { parts = [], ...call } = shareFailure(first.failure, alike);
  return [
    indent(plain(describeFailure(call)), 4),
    ...parts.flatMap(drawPart),
    ...drawHint(sharedHint(first)),
    ...shown.map(({ step, name, count, why }): Line => {
      const many = count > 1 ? `  ${say("report/failed", { count })}` : "";
      const about = [{ text: printableLine(name), tone: "strong" } as const, { text: many + why }];
      return indent([signOf(step, createFirst), ...about], 4);
    }),
    ...detail(rest > 0 ? `  ${say("report/and-more", { count: rest })}` : undefined),
  ];
}

/** Each resource with its place; many resources are grouped by `for_each`. */
function listResources(alike: readonly Failed[]): ReturnType<typeof groupIncomplete> {
  const ends = alike.map((one) => ({ step: one.step, why: describePlace(one) }));
  if (ends.length > mostListed + 1) return groupIncomplete(ends);
  return ends.map((end) => ({ ...end, name: end.step.address, count: 1 }));
}

/**
 * The failure that all have in common: without operation or places that differ, and with the first log id.
 */
function shareFailure({ operation, parts, ...failure }: Failure, alike: readonly Failed[]): Failure {
  const isShared = ({ at }: FailurePart, index: number): boolean =>
    alike.every((one) => JSON.stringify(one.failure.parts?.[index]?.at) === JSON.stringify(at));
  const sameCall = alike.every((one) => one.failure.operation === operation);
  const { logid } = failure;
  const sameTrace = logid === undefined || alike.every((one) => one.failure.logid === logid);
  return {
    ...failure,
    operation: sameCall ? operation : undefined,
    parts: parts?.map((one, index) => (isShared(one, index) ? one : { text: one.text })),
    logid: sameTrace ? logid : say("report/and-others", { name: logid }),
  };
}

/** The place in one line: that of a single field, or that of the resource with the names of its fields. */
function describePlace({ step: { at }, failure: { fields = [] } }: Failed): string {
  const [only, ...others] = fields;
  const place = only && others.length === 0 ? formatLocation(only.at) : at && formatManifest(at);
  const paths = fields.map(({ path }) => path).join(", ");
  return [place, paths].map((part) => (part ? `  ${printableLine(part)}` : "")).join("");
}

const formatManifest = ({ file, line }: Location): string => `${file}:${line}`;

const drawHint = (hint: string | undefined): readonly Line[] =>
  detail(hint && [say("report/hint"), printableLine(hint)].join(" "));

const detail = (text: string | undefined): readonly Line[] => (text ? [indent(plain(text), 6)] : []);
