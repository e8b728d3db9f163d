import { formatAddress, parseAddress } from "../../core/address.ts";
import { followMoves, isWholeMove, type Move } from "../../kind/move.ts";
import { explain } from "../../messages/text.ts";
import { type Report, showPlace } from "../problems.ts";
import type { PlacedMove } from "../project/project-file.ts";
import { addressOf, type Manifest } from "../recognize-manifests.ts";
import type { NameIndex } from "../values/references.ts";
import { mappingAt, type PlacedText, validTexts, valueAt } from "../yaml/source-tree.ts";

/** What project file and manifests say of resources that have another address now; reports what can't be true. */
export function readMoved(
  projectMoves: readonly PlacedMove[],
  manifests: readonly Pick<Manifest, "root" | "identity">[],
  names: NameIndex,
  report: Report,
): readonly Move[] {
  const written = [...projectMoves, ...manifests.flatMap(readMovedFrom)].filter(
    ({ from, to }) => parseAddress(from.text) && parseAddress(to.text),
  );
  const moves: Move[] = [];
  for (const move of written) {
    if (rejectMove(move, moves, names, report)) continue;
    moves.push({ from: move.from.text, to: move.to.text, at: move.from.at });
  }
  const looping = moves.filter(({ from }) => followMoves(from, moves) === undefined);
  const [first] = looping;
  if (first) {
    const cycle = walkLoop(first, looping).join(" -> ");
    report(first.at, { code: "cycle", ...explain("manifest/moved-cycle", { cycle }) });
  }
  return first ? [] : moves;
}

function readMovedFrom({ root, identity }: Pick<Manifest, "root" | "identity">): readonly PlacedMove[] {
  if (!identity) return [];
  const to: PlacedText = { text: addressOf(identity), at: identity.nameAt };
  return validTexts(valueAt(mappingAt(root, "metadata"), "moved_from")).map(({ text, at }) => ({
    from: { text: `${formatAddress(identity.kind.name, "")}${text}`, at },
    to,
  }));
}

/** Reports a move that can't be true beside the earlier ones; whether there was one. */
function rejectMove(
  { from, to }: PlacedMove,
  earlier: readonly Move[],
  names: NameIndex,
  report: Report,
): boolean {
  // Several may move to one address: environments can have had different histories.
  const same = earlier.find((one) => one.from === from.text);
  const [kind, other] = [from, to].map(({ text }) => parseAddress(text)?.kind ?? "");
  const values = { from: from.text, to: to.text };
  if (from.text === to.text) {
    report(from.at, { code: "cycle", ...explain("manifest/moved-to-itself", { address: from.text }) });
  } else if (kind !== other) {
    const kinds = { kind: kind ?? "", other: other ?? "" };
    report(to.at, { code: "conflict", ...explain("manifest/moved-to-other-kind", { ...values, ...kinds }) });
  } else if (same) {
    const texts = explain("manifest/moved-twice", { from: from.text, place: showPlace(same.at) });
    if (same.to !== to.text) report(from.at, { code: "conflict", ...texts });
  } else if (stillStands(from.text, isWholeMove({ from: from.text, to: to.text }), names)) {
    report(from.at, { code: "conflict", ...explain("manifest/moved-still-there", values) });
  } else return false;
  return true;
}

/** Whether a manifest, or an item of its `for_each`, still has the address that something has left. */
function stillStands(address: string, whole: boolean, names: NameIndex): boolean {
  const parsed = parseAddress(address);
  const known = parsed && names.get(parsed.kind)?.get(parsed.name);
  if (!parsed || !known) return false;
  if (parsed.key !== undefined) return known.keys?.has(parsed.key) === true;
  return whole || known.keys === undefined;
}

function walkLoop(first: Move, moves: readonly Move[]): readonly string[] {
  const path = [first.from];
  for (let at: string = first.to; !path.includes(at) && path.length <= moves.length; ) {
    path.push(at);
    at = moves.find(({ from }) => from === at)?.to ?? at;
  }
  return [...path, first.from];
}
