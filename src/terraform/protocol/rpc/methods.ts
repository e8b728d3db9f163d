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

/**
 * What answers a service's calls: a function per method, of the message that came to the message to send, which may
 * leave out whatever has its default. Methods that aren't there are answered with UNIMPLEMENTED; a function that throws,
 * with INTERNAL and the error's message.
 */
export type Implementation<Service extends DescService> = {
  readonly [Name in keyof Service["method"]]?: Service["method"][Name] extends DescMethodUnary<
    infer In,
    infer Out
  >
    ? Handler<In, Out>
    : never;
};

type Handler<In extends DescMessage, Out extends DescMessage> = (
  request: MessageShape<In>,
) => Promise<MessageInitShape<Out>>;

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
  const handlers: { readonly [name: string]: AnyHandler | undefined } = implementation;
  const unary = methods.filter((method): method is DescMethodUnary => method.methodKind === "unary");
  const implemented = unary.flatMap((method): [string, Method][] => {
    const handler = handlers[method.localName];
    const path = `/${typeName}/${method.name}`;
    return handler ? [[path, { name: method.name, call: byBytes(method, handler) }]] : [];
  });
  return new Map(implemented);
}

type AnyHandler = Handler<DescMessage, DescMessage>;

const byBytes =
  ({ input, output }: DescMethodUnary, handler: AnyHandler): Method["call"] =>
  async (request) =>
    toBinary(output, create(output, await handler(fromBinary(input, request))));
