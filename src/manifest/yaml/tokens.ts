import type { CST } from "yaml";

/** Tokens and the one that holds each, which comes first. */
export type Tokens = readonly { readonly token: CST.Token; readonly parent?: CST.Token }[];

/** Every token and the one that holds it; without recursion, for nests of any depth. */
export function listTokens(tokens: readonly CST.Token[]): Tokens {
  const all: { token: CST.Token; parent?: CST.Token }[] = tokens.map((token) => ({ token }));
  for (const { token } of all)
    for (const child of childrenOf(token)) all.push({ token: child, parent: token });
  return all;
}

/** The tokens directly within one. */
export function childrenOf(token: CST.Token): readonly CST.Token[] {
  if (token.type === "document") return token.value ? [token.value] : [];
  if (!("items" in token)) return [];
  return token.items.flatMap(({ key, value }) => [key, value].filter((one) => one != null));
}
