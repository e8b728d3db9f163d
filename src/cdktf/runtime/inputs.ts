import type { Construct } from "constructs";
import { isObject } from "../../core/value.ts";
import type { Attributes } from "../../terraform/schema/attribute.ts";
import { type Config, camelCase } from "./config.ts";

/** What was given for an object's attributes, by property. */
export interface Inputs {
  /** Where that is, for messages. */
  readonly place: string;
  all(): Config;
  /** Undefined takes back what was given. */
  give(property: string, value: unknown): void;
}

const known = new WeakMap<object, Inputs>();

/** What was given for the attributes of a construct or of an object in it. */
export function inputsOf(owner: object): Inputs {
  const own = known.get(owner) ?? inputsFrom("", {});
  known.set(owner, own);
  return own;
}

/** Gives a construct what its configuration has of these attributes. */
export function takeInputs(owner: Construct, attributes: Attributes, config: Config): void {
  const properties = Object.keys(attributes).map(camelCase);
  const given = properties.flatMap((property) =>
    config[property] === undefined ? [] : [[property, config[property]] as const],
  );
  known.set(owner, inputsFrom(owner.node.path, Object.fromEntries(given)));
}

/** Lets an object write into what was given for a property of its owner, so that both tell the same. */
export function shareInputs(owner: object, property: string, part: object): void {
  const whole = inputsOf(owner);
  const all = (): Config => {
    const value = whole.all()[property];
    return isObject(value) ? value : {};
  };
  known.set(part, {
    place: `${whole.place}.${property}`,
    all,
    give: (name, value) => whole.give(property, replace(all(), name, value)),
  });
}

function inputsFrom(place: string, first: Config): Inputs {
  let config = first;
  return {
    place,
    all: () => config,
    give(property, value) {
      config = replace(config, property, value);
    },
  };
}

function replace(config: Config, property: string, value: unknown): Config {
  const { [property]: _, ...rest } = config;
  return value === undefined ? rest : { ...rest, [property]: value };
}
