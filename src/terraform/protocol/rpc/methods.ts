import {
  create,
  type DescMessage,
  type DescMethodUnary,
  type DescService,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import type { Implementation } from "./implementation.ts";

/** A method of a service, as bytes see it. */
export interface Method {
  readonly name: string;
  /** From the message that came to the one to send. Throws what the implementation throws. */
  call(request: Uint8Array): Promise<Uint8Array>;
}

/** The methods of a service that are implemented, by the path that gRPC calls them with. */
export function methodsOf<Service extends DescService>(
  { typeName, methods }: DescService,
  implementation: Implementation<Service>,
): ReadonlyMap<string, Method> {
  const handlers: { readonly [name: string]: Handler | undefined } = implementation;
  const unary = methods.filter((method): method is DescMethodUnary => method.methodKind === "unary");
  const implemented = unary.flatMap((method): [string, Method][] => {
    const handler = handlers[method.localName];
    const path = `/${typeName}/${method.name}`;
    return handler ? [[path, { name: method.name, call: byBytes(method, handler) }]] : [];
  });
  return new Map(implemented);
}

type Handler = (request: MessageShape<DescMessage>) => Promise<MessageInitShape<DescMessage>>;

const byBytes =
  ({ input, output }: DescMethodUnary, handler: Handler): Method["call"] =>
  async (request) =>
    toBinary(output, create(output, await handler(fromBinary(input, request))));
