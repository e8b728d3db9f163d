import type { Location } from "../../core/diagnostic.ts";
import { rejectAddressExtras } from "../checks/secret-places.ts";
import type { Report } from "../problems.ts";
import {
  type Mapping,
  mapEntries,
  mappingAt,
  type PlacedText,
  type Scalar,
  type SourceNode,
  validText,
  valueAt,
} from "../yaml/source-tree.ts";
import { readSecretSource, type SecretSource } from "./auth.ts";

/** Where an environment's state is kept, under the names of `cozeform.yaml`. `at` is the place in the project file. */
export type StateSettings =
  | { readonly type: "local" }
  | {
      readonly type: "http";
      readonly at: Location;
      readonly address?: PlacedText | undefined;
      readonly lock_address?: PlacedText | undefined;
      readonly unlock_address?: PlacedText | undefined;
      readonly lock_method?: string | undefined;
      readonly unlock_method?: string | undefined;
      readonly username?: SecretSource | undefined;
      readonly password?: SecretSource | undefined;
    }
  | {
      readonly type: "pg";
      readonly at: Location;
      readonly conn?: SecretSource | undefined;
      readonly schema?: string | undefined;
    }
  | {
      readonly type: "s3";
      readonly at: Location;
      readonly endpoint?: PlacedText | undefined;
      readonly bucket: string;
      readonly key: string;
      readonly region?: string | undefined;
      readonly path_style?: boolean | undefined;
    };

/** What the `state` of an environment says; undefined when it lacks a part, which the schema reports. */
export function readStateSettings(environment: SourceNode | undefined): StateSettings | undefined {
  const state = mappingAt(environment, "state");
  const [first] = state?.entries ?? [];
  if (!first) return undefined;
  const [type, { value }] = first;
  const text = (name: string) => validText(valueAt(value, name));
  const placed = (name: string): PlacedText | undefined => {
    const [node, found] = [valueAt(value, name), text(name)];
    return node && found !== undefined ? { text: found, at: node.at } : undefined;
  };
  const source = (name: string) => readSecretSource(valueAt(value, name));
  const { at } = value;
  switch (type) {
    case "http":
      return {
        type,
        at,
        address: placed("address"),
        lock_address: placed("lock_address"),
        unlock_address: placed("unlock_address"),
        lock_method: text("lock_method"),
        unlock_method: text("unlock_method"),
        username: source("username"),
        password: source("password"),
      };
    case "pg":
      return { type, at, conn: source("conn"), schema: text("schema") };
    case "s3": {
      const [bucket, key, pathStyle] = [text("bucket"), text("key"), valueAt(value, "path_style")];
      if (bucket === undefined || key === undefined) return undefined;
      const style = pathStyle?.type === "scalar" ? pathStyle.value === true : undefined;
      return {
        type,
        at,
        endpoint: placed("endpoint"),
        bucket,
        key,
        region: text("region"),
        path_style: style,
      };
    }
    default:
      return { type: "local" };
  }
}

/** Every value that is, or should be, the place of a secret of the state's keeper. */
export const findStateSecretPlaces = (environment: SourceNode): readonly Scalar[] =>
  findInKeepers(environment, (name) => secretNames.some((one) => one === name));

/** Every address of the state's keeper. */
export const findStateAddresses = (environment: SourceNode): readonly Scalar[] =>
  findInKeepers(environment, isAddress);

function findInKeepers(environment: SourceNode, test: (name: string) => boolean): readonly Scalar[] {
  const keepers = [...(mappingAt(environment, "state")?.entries.values() ?? [])];
  return keepers.flatMap(({ value: keeper }) =>
    keeper.type === "map"
      ? [...keeper.entries].flatMap(([name, { value }]) =>
          test(name) && value.type === "scalar" ? [value] : [],
        )
      : [],
  );
}

const isAddress = (name: string): boolean => /^(?:(?:un)?lock_)?address$|^endpoint$/u.test(name);

const secretNames = ["conn", "username", "password"] as const;

/** Reports secrets in clear: in the place of their source, and in addresses. */
export function rejectStateSecrets(
  environment: Mapping,
  rejectKey: (node: SourceNode) => SourceNode,
  report: Report,
  mask: (secret: Scalar) => void,
): Mapping {
  const reject = (value: SourceNode, key: string): SourceNode => {
    if (secretNames.some((name) => name === key)) return rejectKey(value);
    return isAddress(key) ? rejectAddressExtras(value, report, mask, { query: true }) : value;
  };
  return mapEntries(environment, (value, key) =>
    key === "state" ? mapEntries(value, (keeper) => mapEntries(keeper, reject)) : value,
  );
}
