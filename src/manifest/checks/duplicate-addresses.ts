import type { Location } from "../../core/diagnostic.ts";
import { explain } from "../../messages/text.ts";
import type { Report } from "../problems.ts";
import { addressOf, type Manifest } from "../recognize-manifests.ts";

/** Reports manifests whose address is taken, with both places, and takes it from them. */
export function reportDuplicates(manifests: readonly Manifest[], report: Report): readonly Manifest[] {
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
    const place = `${other.file}:${other.line}:${other.column}`;
    report(identity.nameAt, {
      code: "duplicate-address",
      ...explain("manifest/address-twice", { address, place }),
    });
    return rest;
  });
}
