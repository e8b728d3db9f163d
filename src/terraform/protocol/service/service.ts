import { escapeInvisible } from "../../../core/invisible-characters.ts";
import type { Json } from "../../../core/value.ts";
import type { ProviderInterface } from "../../provider/provider-interface.ts";
import type { FunctionSchema, ProviderSchema, Schema } from "../../schema/attribute.ts";
import { InexactNumber } from "../../values/codec.ts";
import type {
  CallFunction_Request,
  ConfigureProvider_Request,
  Provider,
  ReadDataSource_Request,
  ValidateDataResourceConfig_Request,
  ValidateProviderConfig_Request,
} from "../rpc/gen/tfplugin6_pb.js";
import type { Implementation } from "../rpc/methods.ts";
import { objectForm, readValue, type WireValue, writeValue } from "./object-form.ts";
import { resourceCalls, stateCalls } from "./resource-calls.ts";
import { describeBug, onlyDiagnostics, respond } from "./responses.ts";
import { toFunctionMessage, toSchemaMessage } from "./schema-messages.ts";

const serverCapabilities = { planDestroy: true, getProviderSchemaOptional: true, moveResourceState: true };

/** Answers the calls of Terraform's protocol 6 with a provider. Calls may come at any time and many at once. */
export function createService(provider: ProviderInterface): Implementation<typeof Provider> {
  const { schema } = provider;
  const settingsForm = objectForm(schema.provider);
  const forms = mapEntries(schema.resources, objectForm);
  return {
    getMetadata: async () => ({
      serverCapabilities,
      resources: Object.keys(schema.resources).map((typeName) => ({ typeName })),
      dataSources: Object.keys(schema.dataSources).map((typeName) => ({ typeName })),
      functions: Object.keys(schema.functions).map((name) => ({ name })),
    }),
    getProviderSchema: async () => describeProvider(schema),
    getFunctions: async () => ({ functions: mapValues(schema.functions, toFunctionMessage) }),
    validateProviderConfig: ({ config }: ValidateProviderConfig_Request) =>
      respond({
        name: "ValidateProviderConfig",
        form: settingsForm,
        otherwise: {},
        run: (form) => onlyDiagnostics(provider.validateProvider(form.read(config) ?? {})),
      }),
    configureProvider: ({ config, terraformVersion }: ConfigureProvider_Request) =>
      respond({
        name: "ConfigureProvider",
        form: settingsForm,
        otherwise: {},
        run: (form) => onlyDiagnostics(provider.configure(form.read(config) ?? {}, terraformVersion)),
      }),
    ...resourceCalls(provider, forms),
    ...stateCalls(provider, forms),
    ...dataSourceCalls(provider, schema),
    callFunction: (request: CallFunction_Request) =>
      callFunction(provider, schema.functions[request.name], request),
    async stopProvider() {
      provider.stop();
      return { Error: "" };
    },
  };
}

const describeProvider = (schema: ProviderSchema) => ({
  provider: toSchemaMessage(schema.provider),
  resourceSchemas: mapValues(schema.resources, toSchemaMessage),
  dataSourceSchemas: mapValues(schema.dataSources, toSchemaMessage),
  functions: mapValues(schema.functions, toFunctionMessage),
  serverCapabilities,
});

function dataSourceCalls(provider: ProviderInterface, schema: ProviderSchema) {
  const forms = mapEntries(schema.dataSources, objectForm);
  return {
    validateDataResourceConfig: ({ typeName, config }: ValidateDataResourceConfig_Request) =>
      respond({
        name: `ValidateDataResourceConfig(${typeName})`,
        form: forms.get(typeName),
        otherwise: {},
        run: (form) => onlyDiagnostics(provider.validateDataSource(typeName, form.read(config) ?? {})),
      }),
    readDataSource: ({ typeName, config }: ReadDataSource_Request) =>
      respond<{ state?: WireValue }>({
        name: `ReadDataSource(${typeName})`,
        form: forms.get(typeName),
        otherwise: {},
        async run(form) {
          const { diagnostics, state } = await provider.readDataSource(typeName, form.read(config) ?? {});
          return { diagnostics, body: { state: form.write(state) } };
        },
      }),
  };
}

interface FunctionAnswer {
  readonly result?: WireValue | undefined;
  readonly error?: { readonly text: string; readonly functionArgument?: bigint };
}

async function callFunction(
  provider: ProviderInterface,
  schema: FunctionSchema | undefined,
  request: CallFunction_Request,
): Promise<FunctionAnswer> {
  const { name } = request;
  try {
    if (!schema) throw new Error("the provider has no such function");
    const args = request.arguments.map((value, index): Json => {
      const parameter = schema.parameters[index] ?? schema.variadic;
      return readValue(value, parameter?.type ?? "dynamic");
    });
    const answer = await provider.call(name, args);
    if ("value" in answer) return { result: writeValue(answer.value, schema.returns) };
    const { error, argument } = answer;
    return {
      error: {
        text: escapeInvisible(error),
        ...(argument === undefined ? {} : { functionArgument: BigInt(argument) }),
      },
    };
  } catch (error) {
    if (error instanceof InexactNumber) return { error: { text: escapeInvisible(error.message) } };
    const { summary, detail } = describeBug(`CallFunction(${name})`, error);
    return { error: { text: escapeInvisible([summary, detail].join(": ")) } };
  }
}

const mapValues = <From, To>(of: { readonly [name: string]: From }, map: (value: From) => To) =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [name, map(value)]));

const mapEntries = <To>(of: { readonly [name: string]: Schema }, map: (schema: Schema) => To) =>
  new Map(Object.entries(of).map(([name, schema]) => [name, map(schema)]));
