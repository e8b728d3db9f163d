import type { Socket } from "node:net";
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
import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { Identity } from "./certificate.ts";
import { GRPCController } from "./gen/plugin_pb.js";
import { Provider } from "./gen/tfplugin6_pb.js";
import type { Implementation } from "./implementation.ts";

/** Serves connections, whoever accepted them. Nothing may have been read from one before (`pauseOnConnect`). */
export interface Injector {
  injectConnection(socket: Socket): void;
}

export interface Calls {
  readonly provider: Implementation<typeof Provider>;
  readonly controller: Implementation<typeof GRPCController>;
  /** Of a call that was answered with INTERNAL. */
  onFailure(method: string, error: unknown): void;
}

/** Serves calls of Terraform's provider protocol; with `tls`, to the client alone that has the certificate `client`. */
export function createInjector(
  { provider, controller, onFailure }: Calls,
  tls: { readonly identity: Identity; readonly client: string } | undefined,
): Injector {
  // Terraform has limits of its own, and states may be large.
  const unlimited = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
  const server = new Server({ ...unlimited, "grpc.enable_channelz": 0 });
  server.addService(...toGrpc(Provider, provider, onFailure));
  server.addService(...toGrpc(GRPCController, controller, onFailure));
  const injector = server.createConnectionInjector(
    tls ? credentialsOf(tls) : ServerCredentials.createInsecure(),
  );
  return {
    injectConnection(socket) {
      injector.injectConnection(socket);
      // TLS begins to read by itself, plain HTTP/2 takes over what is being read.
      if (!tls) socket.resume();
    },
  };
}

const credentialsOf = ({ identity, client }: { readonly identity: Identity; readonly client: string }) =>
  ServerCredentials.createSsl(
    Buffer.from(client),
    [{ private_key: Buffer.from(identity.key), cert_chain: Buffer.from(identity.cert) }],
    true,
  );

type Handler = (request: MessageShape<DescMessage>) => Promise<MessageInitShape<DescMessage>>;

/** A service and what answers it, in the library's terms: messages cross its border as bytes. */
function toGrpc<Service extends DescService>(
  { typeName, methods }: DescService,
  implementation: Implementation<Service>,
  onFailure: Calls["onFailure"],
): [ServiceDefinition, UntypedServiceImplementation] {
  const handlers: { readonly [name: string]: Handler | undefined } = implementation;
  const unary = methods.filter((method): method is DescMethodUnary => method.methodKind === "unary");
  const definition = unary.map(({ name }) => [name, { path: `/${typeName}/${name}`, ...bytesOnly }] as const);
  const handling = unary.flatMap((method) => {
    const handler = handlers[method.localName];
    return handler ? [[method.name, toUnary(method, handler, onFailure)] as const] : [];
  });
  return [Object.fromEntries(definition), Object.fromEntries(handling)];
}

const asTheyAre = (bytes: Buffer) => bytes;
const bytesOnly = {
  requestStream: false,
  responseStream: false,
  requestSerialize: asTheyAre,
  requestDeserialize: asTheyAre,
  responseSerialize: asTheyAre,
  responseDeserialize: asTheyAre,
};

function toUnary(method: DescMethodUnary, handler: Handler, onFailure: Calls["onFailure"]) {
  const answer = async ({ buffer, byteOffset, byteLength }: Buffer): Promise<Buffer> => {
    // A plain array, so that the bytes in a message are plain arrays as well.
    const request = fromBinary(method.input, new Uint8Array(buffer, byteOffset, byteLength));
    const response = toBinary(method.output, create(method.output, await handler(request)));
    return Buffer.from(response.buffer, response.byteOffset, response.byteLength);
  };
  const handle: handleUnaryCall<Buffer, Buffer> = ({ request }, done) =>
    answer(request).then(
      (response) => done(null, response),
      (error: unknown) => {
        onFailure(method.name, error);
        done({ code: status.INTERNAL, details: error instanceof Error ? error.message : String(error) });
      },
    );
  return handle;
}
