// Generated from the protocol's files by "npm run generate:rpc".

/** By message: a field's number, its name, its type, and whether it is one of many or of a choice. */
export const messages = {
  DynamicValue: [
    [1, "msgpack", "bytes"],
    [2, "json", "bytes"],
  ],
  Diagnostic: [
    [1, "severity", "enum"],
    [2, "summary", "string"],
    [3, "detail", "string"],
    [4, "attribute", "AttributePath"],
  ],
  AttributePath: [[1, "steps", "AttributePath_Step", "list"]],
  AttributePath_Step: [
    [1, "attributeName", "string", "oneof selector"],
    [2, "elementKeyString", "string", "oneof selector"],
    [3, "elementKeyInt", "int64", "oneof selector"],
  ],
  FunctionError: [
    [1, "text", "string"],
    [2, "functionArgument", "int64", "optional"],
  ],
  RawState: [
    [1, "json", "bytes"],
    [2, "flatmap", "string", "map"],
  ],
  Schema: [
    [1, "version", "int64"],
    [2, "block", "Schema_Block"],
  ],
  Schema_Block: [
    [1, "version", "int64"],
    [2, "attributes", "Schema_Attribute", "list"],
    [3, "blockTypes", "Schema_NestedBlock", "list"],
    [4, "description", "string"],
    [5, "descriptionKind", "enum"],
    [6, "deprecated", "bool"],
  ],
  Schema_Attribute: [
    [1, "name", "string"],
    [2, "type", "bytes"],
    [3, "description", "string"],
    [4, "required", "bool"],
    [5, "optional", "bool"],
    [6, "computed", "bool"],
    [7, "sensitive", "bool"],
    [8, "descriptionKind", "enum"],
    [9, "deprecated", "bool"],
    [10, "nestedType", "Schema_Object"],
    [11, "writeOnly", "bool"],
  ],
  Schema_NestedBlock: [
    [1, "typeName", "string"],
    [2, "block", "Schema_Block"],
    [3, "nesting", "enum"],
    [4, "minItems", "int64"],
    [5, "maxItems", "int64"],
  ],
  Schema_Object: [
    [1, "attributes", "Schema_Attribute", "list"],
    [3, "nesting", "enum"],
  ],
  Function: [
    [1, "parameters", "Function_Parameter", "list"],
    [2, "variadicParameter", "Function_Parameter"],
    [3, "return", "Function_Return"],
    [4, "summary", "string"],
    [5, "description", "string"],
    [6, "descriptionKind", "enum"],
    [7, "deprecationMessage", "string"],
  ],
  Function_Parameter: [
    [1, "name", "string"],
    [2, "type", "bytes"],
    [3, "allowNullValue", "bool"],
    [4, "allowUnknownValues", "bool"],
    [5, "description", "string"],
    [6, "descriptionKind", "enum"],
  ],
  Function_Return: [[1, "type", "bytes"]],
  ServerCapabilities: [
    [1, "planDestroy", "bool"],
    [2, "getProviderSchemaOptional", "bool"],
    [3, "moveResourceState", "bool"],
  ],
  ClientCapabilities: [
    [1, "deferralAllowed", "bool"],
    [2, "writeOnlyAttributesAllowed", "bool"],
  ],
  Deferred: [[1, "reason", "enum"]],
  GetMetadata: [],
  GetMetadata_Request: [],
  GetMetadata_Response: [
    [1, "serverCapabilities", "ServerCapabilities"],
    [2, "diagnostics", "Diagnostic", "list"],
    [3, "dataSources", "GetMetadata_DataSourceMetadata", "list"],
    [4, "resources", "GetMetadata_ResourceMetadata", "list"],
    [5, "functions", "GetMetadata_FunctionMetadata", "list"],
    [6, "ephemeralResources", "GetMetadata_EphemeralMetadata", "list"],
  ],
  GetMetadata_EphemeralMetadata: [[1, "typeName", "string"]],
  GetMetadata_FunctionMetadata: [[1, "name", "string"]],
  GetMetadata_DataSourceMetadata: [[1, "typeName", "string"]],
  GetMetadata_ResourceMetadata: [[1, "typeName", "string"]],
  GetProviderSchema: [],
  GetProviderSchema_Request: [],
  GetProviderSchema_Response: [
    [1, "provider", "Schema"],
    [2, "resourceSchemas", "Schema", "map"],
    [3, "dataSourceSchemas", "Schema", "map"],
    [4, "diagnostics", "Diagnostic", "list"],
    [5, "providerMeta", "Schema"],
    [6, "serverCapabilities", "ServerCapabilities"],
    [7, "functions", "Function", "map"],
    [8, "ephemeralResourceSchemas", "Schema", "map"],
  ],
  GetFunctions: [],
  GetFunctions_Request: [],
  GetFunctions_Response: [
    [1, "functions", "Function", "map"],
    [2, "diagnostics", "Diagnostic", "list"],
  ],
  ValidateProviderConfig: [],
  ValidateProviderConfig_Request: [[1, "config", "DynamicValue"]],
  ValidateProviderConfig_Response: [[2, "diagnostics", "Diagnostic", "list"]],
  ValidateResourceConfig: [],
  ValidateResourceConfig_Request: [
    [1, "typeName", "string"],
    [2, "config", "DynamicValue"],
  ],
  ValidateResourceConfig_Response: [[1, "diagnostics", "Diagnostic", "list"]],
  ValidateDataResourceConfig: [],
  ValidateDataResourceConfig_Request: [
    [1, "typeName", "string"],
    [2, "config", "DynamicValue"],
  ],
  ValidateDataResourceConfig_Response: [[1, "diagnostics", "Diagnostic", "list"]],
  ValidateEphemeralResourceConfig: [],
  ValidateEphemeralResourceConfig_Request: [
    [1, "typeName", "string"],
    [2, "config", "DynamicValue"],
  ],
  ValidateEphemeralResourceConfig_Response: [[1, "diagnostics", "Diagnostic", "list"]],
  UpgradeResourceState: [],
  UpgradeResourceState_Request: [
    [1, "typeName", "string"],
    [2, "version", "int64"],
    [3, "rawState", "RawState"],
  ],
  UpgradeResourceState_Response: [
    [1, "upgradedState", "DynamicValue"],
    [2, "diagnostics", "Diagnostic", "list"],
  ],
  ConfigureProvider: [],
  ConfigureProvider_Request: [
    [1, "terraformVersion", "string"],
    [2, "config", "DynamicValue"],
    [3, "clientCapabilities", "ClientCapabilities"],
  ],
  ConfigureProvider_Response: [[1, "diagnostics", "Diagnostic", "list"]],
  ReadResource: [],
  ReadResource_Request: [
    [1, "typeName", "string"],
    [2, "currentState", "DynamicValue"],
    [3, "private", "bytes"],
    [4, "providerMeta", "DynamicValue"],
    [5, "clientCapabilities", "ClientCapabilities"],
  ],
  ReadResource_Response: [
    [1, "newState", "DynamicValue"],
    [2, "diagnostics", "Diagnostic", "list"],
    [3, "private", "bytes"],
    [4, "deferred", "Deferred"],
  ],
  PlanResourceChange: [],
  PlanResourceChange_Request: [
    [1, "typeName", "string"],
    [2, "priorState", "DynamicValue"],
    [3, "proposedNewState", "DynamicValue"],
    [4, "config", "DynamicValue"],
    [5, "priorPrivate", "bytes"],
    [6, "providerMeta", "DynamicValue"],
    [7, "clientCapabilities", "ClientCapabilities"],
  ],
  PlanResourceChange_Response: [
    [1, "plannedState", "DynamicValue"],
    [2, "requiresReplace", "AttributePath", "list"],
    [3, "plannedPrivate", "bytes"],
    [4, "diagnostics", "Diagnostic", "list"],
    [6, "deferred", "Deferred"],
  ],
  ApplyResourceChange: [],
  ApplyResourceChange_Request: [
    [1, "typeName", "string"],
    [2, "priorState", "DynamicValue"],
    [3, "plannedState", "DynamicValue"],
    [4, "config", "DynamicValue"],
    [5, "plannedPrivate", "bytes"],
    [6, "providerMeta", "DynamicValue"],
  ],
  ApplyResourceChange_Response: [
    [1, "newState", "DynamicValue"],
    [2, "private", "bytes"],
    [3, "diagnostics", "Diagnostic", "list"],
  ],
  ImportResourceState: [],
  ImportResourceState_Request: [
    [1, "typeName", "string"],
    [2, "id", "string"],
    [3, "clientCapabilities", "ClientCapabilities"],
  ],
  ImportResourceState_ImportedResource: [
    [1, "typeName", "string"],
    [2, "state", "DynamicValue"],
    [3, "private", "bytes"],
  ],
  ImportResourceState_Response: [
    [1, "importedResources", "ImportResourceState_ImportedResource", "list"],
    [2, "diagnostics", "Diagnostic", "list"],
    [3, "deferred", "Deferred"],
  ],
  MoveResourceState: [],
  MoveResourceState_Request: [
    [1, "sourceProviderAddress", "string"],
    [2, "sourceTypeName", "string"],
    [3, "sourceSchemaVersion", "int64"],
    [4, "sourceState", "RawState"],
    [5, "targetTypeName", "string"],
    [6, "sourcePrivate", "bytes"],
  ],
  MoveResourceState_Response: [
    [1, "targetState", "DynamicValue"],
    [2, "diagnostics", "Diagnostic", "list"],
    [3, "targetPrivate", "bytes"],
  ],
  ReadDataSource: [],
  ReadDataSource_Request: [
    [1, "typeName", "string"],
    [2, "config", "DynamicValue"],
    [3, "providerMeta", "DynamicValue"],
    [4, "clientCapabilities", "ClientCapabilities"],
  ],
  ReadDataSource_Response: [
    [1, "state", "DynamicValue"],
    [2, "diagnostics", "Diagnostic", "list"],
    [3, "deferred", "Deferred"],
  ],
  OpenEphemeralResource: [],
  OpenEphemeralResource_Request: [
    [1, "typeName", "string"],
    [2, "config", "DynamicValue"],
    [3, "clientCapabilities", "ClientCapabilities"],
  ],
  OpenEphemeralResource_Response: [
    [1, "diagnostics", "Diagnostic", "list"],
    [2, "renewAt", "protobuf_Timestamp"],
    [3, "result", "DynamicValue"],
    [4, "private", "bytes", "optional"],
    [5, "deferred", "Deferred"],
  ],
  RenewEphemeralResource: [],
  RenewEphemeralResource_Request: [
    [1, "typeName", "string"],
    [2, "private", "bytes", "optional"],
  ],
  RenewEphemeralResource_Response: [
    [1, "diagnostics", "Diagnostic", "list"],
    [2, "renewAt", "protobuf_Timestamp"],
    [3, "private", "bytes", "optional"],
  ],
  CloseEphemeralResource: [],
  CloseEphemeralResource_Request: [
    [1, "typeName", "string"],
    [2, "private", "bytes", "optional"],
  ],
  CloseEphemeralResource_Response: [[1, "diagnostics", "Diagnostic", "list"]],
  CallFunction: [],
  CallFunction_Request: [
    [1, "name", "string"],
    [2, "arguments", "DynamicValue", "list"],
  ],
  CallFunction_Response: [
    [1, "result", "DynamicValue"],
    [2, "error", "FunctionError"],
  ],
  StopProvider: [],
  StopProvider_Request: [],
  StopProvider_Response: [[1, "Error", "string"]],
  Empty: [],
  protobuf_Timestamp: [
    [1, "seconds", "int64"],
    [2, "nanos", "int32"],
  ],
} as const;

/** By the path that gRPC calls it with: a method's name in code, and the messages that it takes and gives. */
export const methods = {
  "/tfplugin6.Provider/GetMetadata": ["getMetadata", "GetMetadata_Request", "GetMetadata_Response"],
  "/tfplugin6.Provider/GetProviderSchema": [
    "getProviderSchema",
    "GetProviderSchema_Request",
    "GetProviderSchema_Response",
  ],
  "/tfplugin6.Provider/GetFunctions": ["getFunctions", "GetFunctions_Request", "GetFunctions_Response"],
  "/tfplugin6.Provider/ValidateProviderConfig": [
    "validateProviderConfig",
    "ValidateProviderConfig_Request",
    "ValidateProviderConfig_Response",
  ],
  "/tfplugin6.Provider/ValidateResourceConfig": [
    "validateResourceConfig",
    "ValidateResourceConfig_Request",
    "ValidateResourceConfig_Response",
  ],
  "/tfplugin6.Provider/ValidateDataResourceConfig": [
    "validateDataResourceConfig",
    "ValidateDataResourceConfig_Request",
    "ValidateDataResourceConfig_Response",
  ],
  "/tfplugin6.Provider/UpgradeResourceState": [
    "upgradeResourceState",
    "UpgradeResourceState_Request",
    "UpgradeResourceState_Response",
  ],
  "/tfplugin6.Provider/ConfigureProvider": [
    "configureProvider",
    "ConfigureProvider_Request",
    "ConfigureProvider_Response",
  ],
  "/tfplugin6.Provider/ReadResource": ["readResource", "ReadResource_Request", "ReadResource_Response"],
  "/tfplugin6.Provider/PlanResourceChange": [
    "planResourceChange",
    "PlanResourceChange_Request",
    "PlanResourceChange_Response",
  ],
  "/tfplugin6.Provider/ApplyResourceChange": [
    "applyResourceChange",
    "ApplyResourceChange_Request",
    "ApplyResourceChange_Response",
  ],
  "/tfplugin6.Provider/ImportResourceState": [
    "importResourceState",
    "ImportResourceState_Request",
    "ImportResourceState_Response",
  ],
  "/tfplugin6.Provider/MoveResourceState": [
    "moveResourceState",
    "MoveResourceState_Request",
    "MoveResourceState_Response",
  ],
  "/tfplugin6.Provider/ReadDataSource": [
    "readDataSource",
    "ReadDataSource_Request",
    "ReadDataSource_Response",
  ],
  "/tfplugin6.Provider/ValidateEphemeralResourceConfig": [
    "validateEphemeralResourceConfig",
    "ValidateEphemeralResourceConfig_Request",
    "ValidateEphemeralResourceConfig_Response",
  ],
  "/tfplugin6.Provider/OpenEphemeralResource": [
    "openEphemeralResource",
    "OpenEphemeralResource_Request",
    "OpenEphemeralResource_Response",
  ],
  "/tfplugin6.Provider/RenewEphemeralResource": [
    "renewEphemeralResource",
    "RenewEphemeralResource_Request",
    "RenewEphemeralResource_Response",
  ],
  "/tfplugin6.Provider/CloseEphemeralResource": [
    "closeEphemeralResource",
    "CloseEphemeralResource_Request",
    "CloseEphemeralResource_Response",
  ],
  "/tfplugin6.Provider/CallFunction": ["callFunction", "CallFunction_Request", "CallFunction_Response"],
  "/tfplugin6.Provider/StopProvider": ["stopProvider", "StopProvider_Request", "StopProvider_Response"],
  "/plugin.GRPCController/Shutdown": ["shutdown", "Empty", "Empty"],
} as const;

export const StringKind = { PLAIN: 0, MARKDOWN: 1 } as const;

export const Diagnostic_Severity = { INVALID: 0, ERROR: 1, WARNING: 2 } as const;

export const Schema_NestedBlock_NestingMode = {
  INVALID: 0,
  SINGLE: 1,
  LIST: 2,
  SET: 3,
  MAP: 4,
  GROUP: 5,
} as const;

export const Schema_Object_NestingMode = { INVALID: 0, SINGLE: 1, LIST: 2, SET: 3, MAP: 4 } as const;

export const Deferred_Reason = {
  UNKNOWN: 0,
  RESOURCE_CONFIG_UNKNOWN: 1,
  PROVIDER_CONFIG_UNKNOWN: 2,
  ABSENT_PREREQ: 3,
} as const;
