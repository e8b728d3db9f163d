import type {
  DescMessage,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import { type Message, readMessage, writeMessage } from "./message-codec.ts";
import { methods } from "./message-table.ts";

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

/** The methods of services that are implemented, by the path that gRPC calls them with. */
export function methodsOf(...implementations: readonly object[]): ReadonlyMap<string, Method> {
  const handlers: { readonly [name: string]: AnyHandler | undefined } = Object.assign({}, ...implementations);
  const implemented = Object.entries(methods).flatMap(([path, [name, input, output]]): [string, Method][] => {
    const handler = handlers[name];
    const call = async (request: Uint8Array) =>
      writeMessage(output, (await handler?.(readMessage(input, request))) ?? {});
    return handler ? [[path, { name: path.slice(path.lastIndexOf("/") + 1), call }]] : [];
  });
  return new Map(implemented);
}

type AnyHandler = (request: Message) => Promise<Message>;
