import type { CST } from "yaml";

/** How deep values may be nested: far deeper than any manifest needs. */
export const maxDepth = 100;

/** Tokens and the one that holds each, which comes first. */
export type Tokens = readonly { readonly token: CST.Token; readonly parent?: CST.Token }[];

/** Every token and the one that holds it; without recursion, for nests of any depth. */
export function listTokens(tokens: readonly CST.Token[]): Tokens {
  const all: { token: CST.Token; parent?: CST.Token }[] = tokens.map((token) => ({ token }));
  for (const { token } of all)
    for (const child of childrenOf(token)) all.push({ token: child, parent: token });
  return all;
}

/** A text after `|` or `>`, with the offsets of its first line and of its end. */
interface BlockText {
  readonly token: CST.BlockScalar;
  readonly from: number;
  readonly to: number;
}

export const listBlockTexts = (tokens: readonly CST.Token[]): readonly BlockText[] =>
  listTokens(tokens).flatMap(({ token }) => {
    if (token.type !== "block-scalar") return [];
    const from = token.props.reduce(
      (sum, prop) => sum + ("source" in prop ? prop.source.length : 0),
      token.offset,
    );
    return [{ token, from, to: from + token.source.length }];
  });

/** The tokens directly within one. */
export function childrenOf(token: CST.Token): readonly CST.Token[] {
  if (token.type === "document") return token.value ? [token.value] : [];
  if (!("items" in token)) return [];
  return token.items.flatMap(({ key, value }) => [key, value].filter((one) => one != null));
}
