import type {
  DescMessage,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
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
