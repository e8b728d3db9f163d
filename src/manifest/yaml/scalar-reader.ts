import type { Location } from "../../core/diagnostic.ts";
import { hasLookAlike } from "../../core/look-alikes.ts";
import { explain } from "../../messages/text.ts";
import { findSecrets } from "../../secrets/detection.ts";
import type { Report } from "../problems.ts";
import type { Scalar } from "./source-tree.ts";

/** The place of an offset in the text. */
export type Place = (offset: number) => Location;

/** What YAML says of a scalar: its value, how it is written without quotes, and its offsets in the text. */
export interface ReadScalar {
  readonly value: unknown;
  readonly source?: string | undefined;
  readonly range?: readonly [number, number, ...number[]] | null | undefined;
  readonly tag?: string | undefined;
}

/** The most characters that something other than prose has. */
const longestRaw = 1000;

/** Reads the scalars of one text. */
export class ScalarReader {
  readonly #text: string;
  readonly #place: Place;
  readonly #report: Report;

  constructor(text: string, place: Place, report: Report) {
    this.#text = text;
    this.#place = place;
    this.#report = report;
  }

  /** `key`: where the key before it stands, which is where an absent value is placed. */
  read(node: ReadScalar, key: Location): Scalar {
    const range = node.range ?? [0, 0];
    const empty = node.value === null && !node.source;
    const at = empty ? key : this.#place(range[0]);
    const source = node.source ?? String(node.value);
    const raw = this.#rawOf(range[0], range[1]);
    const { value } = node;
    // One object for each of the many texts of a project, without what only some have.
    if (typeof value === "string" && !value.includes("${") && findSecrets(value).length === 0)
      return { type: "scalar", at, source, span: [range[0], range[1]], raw, value };
    const base = { type: "scalar", at, source, span: [range[0], range[1]], raw } as const;
    if (typeof value === "bigint" || typeof value === "number") return this.#readNumber(base, value);
    if (typeof value === "boolean" || value === null) return { ...base, value };
    // Bytes or a time, as its tag wants; the text beside the tag isn't what was meant.
    if (typeof value === "object" && node.tag !== undefined) return this.#refuseTag(base, node.tag);
    const text = typeof value === "string" ? value : source;
    // Reported with the rest of its file.
    if (findSecrets(text).length > 0)
      return {
        ...base,
        value: text,
        from: "environment",
        secret: true,
        broken: true,
        ...(text.includes("${") && { marks: this.#findMarks(text, base) }),
      };
    return text.includes("${")
      ? { ...base, value: text, marks: this.#findMarks(text, base) }
      : { ...base, value: text };
  }

  #refuseTag(base: Omit<Scalar, "value">, name: string): Scalar {
    const tag = name.replace(/^tag:yaml\.org,2002:/u, "!!");
    const problem = explain("manifest-yaml/code-tag-resolve-failed", { tag });
    this.#report(base.at, { code: "yaml-syntax", ...problem });
    return { ...base, value: base.source, broken: true };
  }

  #rawOf(from: number, to: number): string | undefined {
    if (to - from > longestRaw) return undefined;
    const raw = this.#text.slice(from, to);
    return hasLookAlike(raw) ? raw : undefined;
  }

  #readNumber(base: Omit<Scalar, "value">, value: number | bigint): Scalar {
    const number = Number(value);
    const lost = typeof value === "bigint" && !Number.isSafeInteger(number);
    const isLossy = lost || /^[-+]?0\d/u.test(base.source);
    if (!isLossy && Number.isFinite(number)) return { ...base, value: number };
    // Its field tells whether quotes or another number are the next move.
    return { ...base, value: base.source, broken: true, lossy: isLossy ? "digits" : "not-finite" };
  }

  #findMarks(value: string, { at, span = [0, 0] }: Omit<Scalar, "value">): readonly Location[] {
    const raw = this.#text.slice(span[0], span[1]);
    const marks = [...raw.matchAll(/\$\{/gu)].map(({ index }) => this.#place(span[0] + index));
    const wanted = [...value.matchAll(/\$\{/gu)].length;
    // A text written with escapes (\x24) doesn't show where its interpolations are.
    return marks.length === wanted ? marks : Array.from({ length: wanted }, () => at);
  }
}
