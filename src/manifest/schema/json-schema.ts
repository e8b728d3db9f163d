import type { OwnSchema } from "../../core/compile-schema.ts";
import type { Field } from "../../core/field.ts";
import type { KindSchema } from "../../kind/schema.ts";
import { say } from "../../messages/text.ts";
import {
  describe,
  type Form,
  fieldSchema,
  interpolation,
  lookupSchema,
  objectSchema,
  onlyStrict,
  projectOutput,
  type Schema,
  type SchemaContext,
  when,
} from "./field-schema.ts";
import {
  apiVersion,
  checksField,
  environmentFields,
  environmentName,
  metadataFields,
  projectFields,
} from "./header-fields.ts";

/** Whether manifests can make objects of a kind, or only refer to them. */
export const isManageable = ({ removal }: KindSchema): boolean => removal !== undefined;

const draft = "https://json-schema.org/draft/2020-12/schema";

/** The schema of every manifest: which fields `spec` has depends on `kind`. */
export function manifestSchema(
  kinds: readonly KindSchema[],
  { form }: { readonly form: Form } = { form: "editor" },
): OwnSchema {
  const context = createContext(kinds, form);
  const managed = kinds.filter(isManageable);
  const kind = {
    ...describe(say("manifest-schema/describe-kind")),
    enum: namesOf(managed),
    expected: onlyStrict(context, say("core/one-of", { words: namesOf(managed).join(", ") })),
    lookupOnly: onlyStrict(context, namesOf(kinds.filter((one) => !isManageable(one)))),
  };
  const branches = managed.map(({ name }) =>
    when(
      { properties: { kind: { const: name } }, required: ["kind"] },
      { properties: { spec: { $ref: `#/$defs/${name}` } } },
    ),
  );
  return {
    $schema: draft,
    $id: "manifest.schema.json",
    title: say("manifest-schema/title-manifest"),
    ...documentSchema(kind, {}, context),
    allOf: branches,
    $defs: {
      ...commonDefinitions(context),
      ...Object.fromEntries(managed.map((one) => [one.name, specSchema(one, context)])),
    },
  };
}

/** The schema of the manifests of one kind; `kinds` says by what its references can look others up. */
export function kindSchema(kind: KindSchema, kinds: readonly KindSchema[] = [kind]): Schema {
  const context = createContext(kinds, "editor");
  const checked = kind.replyProbe !== undefined;
  const spec = { $ref: `#/$defs/${kind.name}` };
  return {
    $schema: draft,
    $id: schemaFileName(kind.name),
    title: say("manifest-schema/title-kind", { kind: kind.name }),
    ...documentSchema({ const: kind.name, ...describe(kind.description) }, spec, context, checked),
    $defs: { ...commonDefinitions(context, checked), [kind.name]: specSchema(kind, context) },
  };
}

/** The schema of `cozeform.yaml`. */
export function projectSchema(form: Form = "editor"): OwnSchema {
  const context = createContext([], form);
  const environment = objectSchema({ fields: environmentFields }, context);
  const project = objectSchema({ fields: projectFields }, { ...context, literal: true });
  const expected = onlyStrict(context, say("manifest-schema/value-map"));
  const variables = {
    ...describe(say("manifest-schema/describe-variables")),
    type: "object",
    additionalProperties: {
      type: ["string", "number", "boolean"],
      expected: onlyStrict(context, say("manifest-schema/variable")),
    },
    expected,
  };
  const environments = {
    ...describe(say("manifest-schema/describe-environments")),
    type: "object",
    propertyNames: { pattern: environmentName },
    additionalProperties: {
      ...environment,
      properties: { ...(environment.properties as Schema), variables },
    },
    expected,
  };
  return {
    $schema: draft,
    $id: "project.schema.json",
    title: say("manifest-schema/title-project"),
    ...project,
    properties: { ...(project.properties as Schema), environments },
    $defs: { interpolation },
  };
}

/** By kind, the fields that a project's defaults give. */
export type DefaultedFields = { readonly [kind: string]: readonly string[] };

/** Every schema that editors use, by file name. What defaults give isn't required in manifests. */
export function schemaFiles(
  all: readonly KindSchema[],
  defaulted: DefaultedFields = {},
): Record<string, Schema> {
  const kinds = all.map((kind) => relax(kind, defaulted[kind.name] ?? []));
  const managed = kinds.filter(isManageable);
  return {
    "manifest.schema.json": manifestSchema(kinds, { form: "editor" }),
    "project.schema.json": projectSchema(),
    ...Object.fromEntries(managed.map((kind) => [schemaFileName(kind.name), kindSchema(kind, kinds)])),
  };
}

const relax = (kind: KindSchema, names: readonly string[]): KindSchema => ({
  ...kind,
  fields: Object.fromEntries(
    Object.entries(kind.fields).map(([name, field]) => [
      name,
      names.includes(name) && field.presence === "required" ? { ...field, presence: "optional" } : field,
    ]),
  ),
});

/** The fields by which an object of a kind can be looked up. */
export const lookupFields = (kind: KindSchema): readonly string[] =>
  Object.entries(kind.fields)
    .filter(([name, field]) => kind.identity.includes(name) || isWord(field))
    .map(([name]) => name);

const isWord = (field: Field): boolean =>
  field.presence !== "computed" && (field.type === "string" || field.type === "enum");

const namesOf = (kinds: readonly KindSchema[]): readonly string[] => kinds.map(({ name }) => name);

const schemaFileName = (kind: string): string =>
  `${kind.replace(/(?<=[a-z])(?=[A-Z])/gu, "-").toLowerCase()}.schema.json`;

function createContext(kinds: readonly KindSchema[], form: Form): SchemaContext {
  const context: SchemaContext = {
    form,
    lookup: (name) => {
      const kind = kinds.find((one) => one.name === name);
      return lookupSchema(kind && lookupFields(kind), kind?.fields ?? {}, context, kind?.listing?.needs);
    },
    manageable: (name) => kinds.some((one) => one.name === name && isManageable(one)),
  };
  return context;
}

/** `checked`: it may have checks. Checks of a kind that can't answer are reported when they are read. */
const documentSchema = (kind: Schema, spec: Schema, context: SchemaContext, checked = true): Schema => ({
  type: "object",
  properties: {
    apiVersion: {
      ...describe(say("manifest-schema/describe-api-version")),
      const: apiVersion,
      example: onlyStrict(context, say("manifest-schema/example-api-version", { version: apiVersion })),
    },
    kind,
    metadata: {
      $ref: "#/$defs/metadata",
      example: onlyStrict(context, say("manifest-schema/example-metadata")),
    },
    spec: { ...spec, example: onlyStrict(context, say("manifest-schema/example-spec")) },
    ...(checked && { checks: { $ref: "#/$defs/checks" } }),
  },
  required: ["apiVersion", "kind", "metadata", "spec"],
  additionalProperties: false,
});

const specSchema = (kind: KindSchema, context: SchemaContext): Schema => ({
  ...describe(kind.description),
  ...objectSchema(kind, { ...context, outputs: true }),
});

function commonDefinitions(context: SchemaContext, checked = true): Schema {
  const metadata = objectSchema({ fields: metadataFields }, context);
  const name = fieldSchema(metadataFields.name, { ...context, literal: true });
  const forEach = {
    ...describe(say("manifest-schema/describe-for-each")),
    type: ["object", "array"],
    expected: onlyStrict(context, say("manifest-schema/for-each")),
  };
  return {
    interpolation,
    ...(context.form === "editor" && { output: projectOutput }),
    ...(checked && { checks: fieldSchema(checksField, context) }),
    metadata: {
      ...describe(say("manifest-schema/describe-metadata")),
      ...metadata,
      properties: {
        ...(metadata.properties as Schema),
        name: { ...name, example: onlyStrict(context, say("manifest-schema/example-name")) },
        for_each: forEach,
      },
    },
  };
}
