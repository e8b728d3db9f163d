import { distance } from "fastest-levenshtein";

/** How alike two texts have to be to count as one that was edited; from 0 to 1. */
const alike = 0.8;

/** Below this share of common shingles, more than a fifth of the characters differs. */
const worthComparing = 0.6;

/** Shingles that stand for a text, however long it is. */
const sketchSize = 256;

/** Texts up to this length are compared character by character at once. */
const shortText = 64;

/** The work that all comparisons of characters may take, in pairs of characters. */
const mostPairs = 3e8;

/** Tells whether texts are versions of one another; the work for any number of texts is bounded. */
export interface TextComparison {
  areAlike(one: string, other: string): boolean;
}

/**
 * Compares by shingles first: pairs of characters, of which a sample stands for a long text. Texts that share enough are
 * alike; where that is in doubt, by the characters that differ, as long as the work allows.
 */
export function createTextComparison(): TextComparison {
  const sketches = new Map<string, Uint32Array>();
  let left = mostPairs;
  const sketch = (text: string): Uint32Array => {
    const known = sketches.get(text) ?? sketchOf(text);
    sketches.set(text, known);
    return known;
  };
  const byCharacter = (one: string, other: string): boolean => {
    left -= one.length * other.length;
    return left >= 0 && 1 - distance(one, other) / Math.max(one.length, other.length) >= alike;
  };
  return {
    areAlike(one, other) {
      if (one === other) return true;
      const long = Math.max(one.length, other.length);
      if (Math.min(one.length, other.length) < long * alike * alike) return false;
      if (long <= shortText) return byCharacter(one, other);
      const shared = shareOf(sketch(one), sketch(other));
      return shared >= alike || (shared >= worthComparing && byCharacter(one, other));
    },
  };
}

/** The smallest hashes of all pairs of characters, sorted: a sample that is drawn alike from every text. */
function sketchOf(text: string): Uint32Array {
  const hashes = new Uint32Array(text.length - 1);
  for (let index = 1; index < text.length; index += 1) {
    hashes[index - 1] = mix((text.charCodeAt(index - 1) << 16) | text.charCodeAt(index));
  }
  return hashes
    .sort()
    .filter((hash, index) => hash !== hashes[index - 1])
    .slice(0, sketchSize);
}

/** Spreads the bits of a number, so that the smallest results are a random sample. */
function mix(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** The common share of two sets of shingles (Dice), estimated from their sketches. */
function shareOf(one: Uint32Array, other: Uint32Array): number {
  // Only up to where both samples are complete do they tell what the sets have in common.
  const most = Math.min(lastOf(one), lastOf(other));
  let [first, second, common] = [0, 0, 0];
  while (first < one.length && second < other.length) {
    const a = one[first] as number;
    const b = other[second] as number;
    if (a > most || b > most) break;
    if (a === b) common += 1;
    if (a <= b) first += 1;
    if (b <= a) second += 1;
  }
  const total = countUpTo(one, most) + countUpTo(other, most);
  return total === 0 ? 1 : (2 * common) / total;
}

const lastOf = (sketch: Uint32Array): number =>
  sketch.length < sketchSize ? 0xffffffff : (sketch.at(-1) ?? 0);

/** Of a sorted sketch; it usually ends near the limit. */
function countUpTo(sketch: Uint32Array, most: number): number {
  let count = sketch.length;
  while (count > 0 && (sketch[count - 1] as number) > most) count -= 1;
  return count;
}
