import type { Address } from "./address.ts";

/** `metadata.labels` of a manifest: words of the team's own by which commands, patches and exclusions choose. */
export type Labels = { readonly [label: string]: string };

/** What a label may be called. */
export const labelName = "^[\\p{L}\\p{N}][\\p{L}\\p{N}._/-]*$";

const pattern = /^([\p{L}\p{N}][\p{L}\p{N}._/-]*)=(.*)$/su;

/** Reads `label=value`; undefined for anything else, such as an address. */
export function parseLabel(text: string): readonly [label: string, value: string] | undefined {
  const [, label, value] = pattern.exec(text) ?? [];
  return label === undefined || value === undefined ? undefined : [label, value];
}

/** Writes a label as options take it. */
export const formatLabel = (label: string, value: string): string => [label, value].join("=");

/** Whether something has all of some labels. */
export const hasLabels = (labels: Labels | undefined, wanted: Labels): boolean =>
  Object.entries(wanted).every(([label, value]) => labelValue(labels, label) === value);

const labelValue = (labels: Labels | undefined, label: string): string | undefined =>
  labels && Object.hasOwn(labels, label) ? labels[label] : undefined;

/** The addresses that have a label. */
export const findLabelled = (
  labelled: readonly { readonly address: Address; readonly labels?: Labels | undefined }[],
  [label, value]: readonly [label: string, value: string],
): readonly Address[] =>
  labelled.flatMap(({ address, labels }) => (labelValue(labels, label) === value ? [address] : []));
