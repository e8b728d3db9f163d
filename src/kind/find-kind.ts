import type { Kind, Provider } from "./kind.ts";

/** The kind of this name; that there is one was checked with the manifests. */
export function findKind<Api>(provider: Provider<Api>, name: string): Kind<Api> {
  const kind = provider.kinds.find((one) => one.name === name);
  if (!kind) throw new Error(`no kind is called ${name}`);
  return kind;
}
