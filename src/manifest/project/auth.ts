import { oauthAppFields } from "../../core/connection-fields.ts";
import type { Location } from "../../core/diagnostic.ts";
import { proposeWord } from "../../core/suggestions.ts";
import { explain, say } from "../../messages/text.ts";
import { rejectPlaintext } from "../checks/secret-places.ts";
import type { Report } from "../problems.ts";
import {
  type Mapping,
  mapEntries,
  mappingAt,
  type Scalar,
  type SourceNode,
  validText,
  validTexts,
  valueAt,
} from "../yaml/source-tree.ts";

/** Where a secret is stored; it is read when signing in. `at` is the place in the project file. */
export type SecretSource = ({ readonly env: string } | { readonly file: string }) & { readonly at: Location };

/** An OAuth app, under the names of `cozeform.yaml`. */
export interface JwtSettings {
  readonly app_id: string;
  readonly key_id: string;
  readonly private_key: SecretSource;
  readonly duration_seconds: number;
  readonly session_name?: string | undefined;
  readonly organization_id?: string | undefined;
  readonly enterprise_id?: string | undefined;
}

/** How to sign in. */
export type Auth = { readonly token: SecretSource } | { readonly jwt: JwtSettings };

/** How to sign in for the calls of some kinds. */
export type NamedAuth = Auth & { readonly kinds: readonly string[] };

/** Every value of an environment that says, or should say, where a token or a key is. */
export function findAuthPlaces(environment: SourceNode): readonly Scalar[] {
  return ["auth", "credentials"].flatMap((key) => listScalars(valueAt(environment, key)));
}

function listScalars(node: SourceNode | undefined): readonly Scalar[] {
  if (node?.type === "map") return [...node.entries.values()].flatMap(({ value }) => listScalars(value));
  return node?.type === "scalar" ? [node] : [];
}

/** Reports a secret that stands where it should be said how to find it. */
export const rejectPlaintextKey = (
  node: SourceNode,
  report: Report,
  mask: (clear: Scalar) => void,
): SourceNode =>
  // A bare NAME is no secret but lacks its {env: …}, which the schema says.
  node.type !== "scalar" || /^[A-Z][A-Z0-9_]*$/u.test(String(node.value))
    ? node
    : rejectPlaintext(node, say("manifest-project/secret-by-name"), report, mask);

/** Reports the tokens and keys of an environment that stand where it should be said how to find them. */
export function rejectPlaintextKeys(
  environment: Mapping,
  report: Report,
  mask: (clear: Scalar) => void,
): Mapping {
  const reject = (node: SourceNode): SourceNode => rejectPlaintextKey(node, report, mask);
  const rejectKey = (jwt: SourceNode) =>
    mapEntries(jwt, (value, key) => (key === "private_key" ? reject(value) : value));
  const rejectAll = (auth: SourceNode) =>
    mapEntries(auth, (value, key) =>
      key === "token" ? reject(value) : key === "jwt" ? rejectKey(value) : value,
    );
  return mapEntries(environment, (value, key) =>
    key === "auth" ? rejectAll(value) : key === "credentials" ? mapEntries(value, rejectAll) : value,
  );
}

/** What an `auth` or one of the `credentials` says; undefined when it lacks a part, which the schema reports. */
export function readAuth(node: SourceNode | undefined): Auth | undefined {
  const token = readSecretSource(valueAt(node, "token"));
  if (token) return { token };
  const jwt = valueAt(node, "jwt");
  const key = readSecretSource(valueAt(jwt, "private_key"));
  const text = (name: string) => validText(valueAt(jwt, name));
  const [appId, keyId] = [text("app_id"), text("key_id")];
  if (!key || appId === undefined || keyId === undefined) return undefined;
  const duration = valueAt(jwt, "duration_seconds");
  return {
    jwt: {
      app_id: appId,
      key_id: keyId,
      private_key: key,
      duration_seconds: Number(
        duration?.type === "scalar" ? duration.value : oauthAppFields.duration_seconds.default,
      ),
      session_name: text("session_name"),
      organization_id: text("organization_id"),
      enterprise_id: text("enterprise_id"),
    },
  };
}

/** What says where a secret is. */
export function readSecretSource(node: SourceNode | undefined): SecretSource | undefined {
  if (!node) return undefined;
  const [env, file] = [validText(valueAt(node, "env")), validText(valueAt(node, "file"))];
  return env !== undefined ? { env, at: node.at } : file !== undefined ? { file, at: node.at } : undefined;
}

/** What the `credentials` of an environment say, by name. */
export function readCredentials(environment: Mapping | undefined): { readonly [name: string]: NamedAuth } {
  const all = [...(mappingAt(environment, "credentials")?.entries ?? [])].flatMap(([name, { value }]) => {
    const auth = readAuth(value);
    const kinds = validTexts(valueAt(value, "kinds")).map(({ text }) => text);
    return auth ? [[name, { ...auth, kinds }]] : [];
  });
  return Object.fromEntries(all);
}

/** Reports what no schema can say: kinds that there aren't, kinds in two credentials, tokens of two places. */
export function checkAuth(environment: Mapping | undefined, kinds: readonly string[], report: Report): void {
  const owners = new Map<string, string>();
  const credentials = [...(mappingAt(environment, "credentials")?.entries ?? [])];
  for (const [name, { value }] of credentials) {
    for (const { text: kind, at } of validTexts(valueAt(value, "kinds"))) {
      const owner = owners.get(kind);
      if (!kinds.includes(kind)) {
        const message = say("manifest-project/unknown-kind", { kind: JSON.stringify(kind) });
        report(at, { code: "unknown-kind", message, hint: proposeWord(kind, kinds, "kinds") });
      } else if (owner === name) {
        report(at, { code: "duplicate-item", ...explain("manifest-project/kind-twice", { kind }) });
      } else if (owner !== undefined) {
        const values = { kind, first: owner, second: name };
        report(at, { code: "conflict", ...explain("manifest-project/kind-in-two-credentials", values) });
      }
      owners.set(kind, owner ?? name);
    }
  }
  for (const auth of [valueAt(environment, "auth"), ...credentials.map(([, { value }]) => value)]) {
    const jwt = mappingAt(auth, "jwt");
    const second = jwt?.entries.get("organization_id") && jwt.entries.get("enterprise_id")?.key;
    if (second) report(second, { code: "conflict", ...explain("manifest-project/two-owners") });
  }
}
