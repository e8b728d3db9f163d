import { diffArrays } from "diff";
import { escapeTemplate, splitTemplate, type TemplateToken } from "./templates.ts";

/** Texts that differ in more characters aren't compared: it would take too long. */
const mostEdits = 4000;

/**
 * A template with its own words changed so that it gives another text; what is put in stays where it is. `putIn`: what its
 * interpolations stand for, in their order. Undefined where it gave another text than `before`, or where what is put in
 * would have to change.
 */
export function editTemplate(
  template: string,
  putIn: readonly string[],
  before: string,
  after: string,
): string | undefined {
  const tokens = splitTemplate(template);
  if (fill(tokens, putIn) !== before) return undefined;
  const stretches = splitStretches(template, tokens, putIn);
  const texts = alignTexts(stretches, before, after);
  if (!texts) return undefined;
  const edit = (rewrite: (stretch: Stretch, text: string) => string) =>
    stretches
      .map((stretch, index) => (stretch.isOwn ? rewrite(stretch, texts[index] ?? "") : stretch.raw))
      .join("");
  // A sign that stays and one that comes may make an interpolation together.
  return [edit(rewriteChanged), edit((_, text) => escapeTemplate(text))].find(
    (edited) => fill(splitTemplate(edited), putIn) === after,
  );
}

function fill(tokens: readonly TemplateToken[], putIn: readonly string[]): string | undefined {
  const open = tokens.filter(({ type }) => type !== "literal");
  if (open.length !== putIn.length) return undefined;
  let next = 0;
  return tokens.map((token) => (token.type === "literal" ? token.text : putIn[next++])).join("");
}

/** A stretch of a template: words of its own, or something that is put in. Both kinds take turns. */
interface Stretch {
  readonly isOwn: boolean;
  readonly raw: string;
  readonly text: string;
  readonly tokens: readonly { readonly raw: string; readonly text: string }[];
}

function splitStretches(
  template: string,
  tokens: readonly TemplateToken[],
  putIn: readonly string[],
): readonly Stretch[] {
  const stretches: Stretch[] = [{ isOwn: true, raw: "", text: "", tokens: [] }];
  let next = 0;
  for (const token of tokens) {
    const raw = template.slice(token.start, token.end);
    const last = stretches.at(-1);
    if (token.type === "literal" && last) {
      const { text } = token;
      const all = [...last.tokens, { raw, text }];
      stretches[stretches.length - 1] = {
        isOwn: true,
        raw: last.raw + raw,
        text: last.text + text,
        tokens: all,
      };
    } else {
      stretches.push({ isOwn: false, raw, text: putIn[next] ?? "", tokens: [] });
      stretches.push({ isOwn: true, raw: "", text: "", tokens: [] });
      next += 1;
    }
  }
  return stretches;
}

/** What the stretches give in the new text; undefined where something that is put in changed. */
function alignTexts(
  stretches: readonly Stretch[],
  before: string,
  after: string,
): readonly string[] | undefined {
  if (stretches.length === 1) return [after];
  const [old, now] = [[...before], [...after]];
  const parts = diffArrays(old, now, { maxEditLength: mostEdits });
  if (!parts) return undefined;
  // For each character of the old text, where it is in the new one.
  const places = new Map<number, number>();
  let [from, to] = [0, 0];
  for (const { added, removed, count } of parts) {
    if (!added && !removed) for (let step = 0; step < count; step += 1) places.set(from + step, to + step);
    from += added ? 0 : count;
    to += removed ? 0 : count;
  }
  const texts: string[] = [];
  let [offset, begin] = [0, 0];
  for (const [index, { isOwn, text }] of stretches.entries()) {
    const length = [...text].length;
    const following = stretches[index + 1];
    if (isOwn) {
      const end = following ? startOf(places, offset + length, [...following.text].length) : now.length;
      if (end === undefined || end < begin) return undefined;
      texts.push(now.slice(begin, end).join(""));
      begin = end;
    } else {
      if (now.slice(begin, begin + length).join("") !== text) return undefined;
      texts.push(text);
      begin += length;
    }
    offset += length;
  }
  return texts;
}

/** Where something that is put in begins in the new text; one that is empty stands behind what is before it. */
function startOf(places: ReadonlyMap<number, number>, offset: number, length: number): number | undefined {
  if (length > 0) return places.get(offset);
  const former = places.get(offset - 1);
  return offset === 0 ? 0 : former === undefined ? places.get(offset) : former + 1;
}

/** Writes a stretch of its own words so that its parts before and behind the change keep their bytes. */
function rewriteChanged({ raw, text, tokens }: Stretch, now: string): string {
  if (text === now) return raw;
  let first = 0;
  let kept = "";
  while (first < tokens.length && now.startsWith(kept + (tokens[first]?.text ?? ""))) {
    kept += tokens[first]?.text ?? "";
    first += 1;
  }
  let last = tokens.length;
  let tail = "";
  while (last > first && isEnd(now, (tokens[last - 1]?.text ?? "") + tail, kept.length)) {
    tail = (tokens[last - 1]?.text ?? "") + tail;
    last -= 1;
  }
  const changed = now.slice(kept.length, now.length - tail.length);
  const rawOf = (some: Stretch["tokens"]) => some.map((token) => token.raw).join("");
  return rawOf(tokens.slice(0, first)) + escapeTemplate(changed) + rawOf(tokens.slice(last));
}

const isEnd = (text: string, end: string, from: number): boolean =>
  text.length - end.length >= from && text.endsWith(end);
