import { ComplexList, ComplexObject, Fn, type IInterpolatingParent, Token } from "cdktf";
import type { Attribute, Attributes, Nested } from "../../terraform/schema/attribute.ts";
import { memoizeEach } from "../../terraform/schema/memoize.ts";
import { camelCase, pascalCase } from "./config.ts";
import { inputsOf, shareInputs } from "./inputs.ts";
import { checkValue, isConfigurable, nestedOf } from "./synthesize.ts";

/** What a property tells: a token of what Terraform will know, or what was given. */
type Reading = "token" | "input";

/**
 * Gives a class the members that CDKTF's own generator would: `name` to read and to set, `nameInput`, `resetName()`, and
 * `putModel()` for what holds objects.
 */
export function exposeAttributes(prototype: object, attributes: Attributes, reading: Reading): void {
  for (const [name, attribute] of Object.entries(attributes)) {
    const members = membersOf(name, attribute, reading);
    Object.defineProperties(prototype, members);
  }
}

function membersOf(name: string, attribute: Attribute, reading: Reading): PropertyDescriptorMap {
  const property = camelCase(name);
  const ending = pascalCase(name);
  const isPut = reading === "token" && nestedOf(attribute) !== undefined;
  function readInput(this: object): unknown {
    return inputsOf(this).all()[property];
  }
  function give(this: object, value: unknown): void {
    const inputs = inputsOf(this);
    checkValue(attribute, value, `${inputs.place}.${property}`);
    inputs.give(property, value);
  }
  const get = reading === "input" ? readInput : readerOf(name, attribute);
  if (!isConfigurable(attribute)) return { [property]: { get } };
  return {
    [property]: { get, ...(isPut ? {} : { set: give }) },
    [`${property}Input`]: { get: readInput },
    ...(isPut ? { [`put${ending}`]: { value: give } } : {}),
    ...(attribute.optional
      ? {
          [`reset${ending}`]: {
            value(this: object): void {
              inputsOf(this).give(property, undefined);
            },
          },
        }
      : {}),
  };
}

/** What reads an attribute as a token. */
function readerOf(name: string, attribute: Attribute): (this: IInterpolatingParent) => unknown {
  const nested = nestedOf(attribute);
  if (nested) return readerOfObjects(name, nested);
  const { type } = attribute;
  const isSet = typeof type === "object" && "set" in type;
  return function () {
    const token = this.interpolationForAttribute(name);
    if (type === "string") return Token.asString(token);
    if (type === "number") return Token.asNumber(token);
    if (typeof type === "string") return token;
    return isSet ? Token.asList(Fn.tolist(Token.asList(token))) : Token.asList(token);
  };
}

function readerOfObjects(
  name: string,
  { nesting, attributes }: Nested,
): (this: IInterpolatingParent) => unknown {
  return function () {
    if (nesting !== "single") return new ObjectList(this, name, nesting === "set", attributes);
    const part = new (objectClass(attributes))(this, name, false);
    shareInputs(this, camelCase(name), part);
    return part;
  };
}

/** A class whose objects stand for one object in Terraform, with a property for each of its attributes. */
const objectClass = memoizeEach((attributes: Attributes) => {
  class ObjectReference extends ComplexObject {}
  exposeAttributes(ObjectReference.prototype, attributes, "token");
  return ObjectReference;
});

/** Stands for a list or a set of objects in Terraform. */
class ObjectList extends ComplexList {
  readonly #attributes: Attributes;

  constructor(owner: IInterpolatingParent, name: string, wrapsSet: boolean, attributes: Attributes) {
    super(owner, name, wrapsSet);
    this.#attributes = attributes;
  }

  get(index: number): ComplexObject {
    return new (objectClass(this.#attributes))(
      this.terraformResource,
      this.terraformAttribute,
      this.wrapsSet,
      index,
    );
  }
}
