import type { Location } from "../../core/diagnostic.ts";
import { explain } from "../../messages/text.ts";
import { type Report, showPlace } from "../problems.ts";
import { addressOf, type Manifest } from "../recognize-manifests.ts";

/** Reports manifests whose address is taken, with both places, and takes it from them. */
export function reportDuplicates<T extends Pick<Manifest, "identity">>(
  manifests: readonly T[],
  report: Report,
  show = showPlace,
): readonly (T | Omit<T, "identity">)[] {
  const first = new Map<string, Location>();
  return manifests.map((manifest) => {
    const { identity, ...rest } = manifest;
    if (!identity) return manifest;
    const address = addressOf(identity);
    const other = first.get(address);
    if (!other) {
      first.set(address, identity.nameAt);
      return manifest;
    }
    report(identity.nameAt, {
      code: "duplicate-address",
      ...explain("manifest/address-twice", { address, place: show(other) }),
    });
    return rest;
  });
}
