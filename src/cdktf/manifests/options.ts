import { Token } from "cdktf";
import type { Source } from "./source.ts";

/** What a construct is given of a project. */
interface Given {
  readonly directory: string;
  readonly environment?: string;
  readonly variables?: { readonly [name: string]: string | number | boolean };
}

/** The same for the loader. Throws an error that begins with `where` for what can't be meant, which JavaScript lets pass. */
export function sourceOf(where: string, { directory, environment, variables = {} }: Given): Source {
  if (typeof directory !== "string" || directory === "" || Token.isUnresolved(directory))
    throw new Error(`${where}.directory isn't a path that is known already: say where cozeform.yaml is`);
  for (const [name, value] of Object.entries(variables)) {
    const isKnown = ["string", "number", "boolean"].includes(typeof value);
    if (!isKnown && !Token.isUnresolved(value))
      throw new Error(
        `${where}.variables.${name} is no text, no number, and neither true nor false: give one, or leave it out`,
      );
  }
  const texts = textsOf(variables);
  return {
    directory,
    variables: Object.fromEntries(texts.filter(([, value]) => !Token.isUnresolved(value))),
    later: texts.filter(([, value]) => Token.isUnresolved(value)).map(([name]) => name),
    ...(environment === undefined ? {} : { environment }),
  };
}

/** Variables as texts, which tokens are as well. */
export const textsOf = (variables: Given["variables"]): readonly (readonly [string, string])[] =>
  Object.entries(variables ?? {}).map(([name, value]) => [
    name,
    Token.isUnresolved(value) ? Token.asString(value) : String(value),
  ]);
