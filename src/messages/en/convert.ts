/** Texts of conversions that manifests get as comments, and problems of files that can't be converted. */
export const convert = {
  "convert/among-manifests":
    "move {{file}} out of the project's manifests: the patterns of the project read it as one",
  "convert/dataset-comment": "Its documents aren't part of the export: add them.",
  "convert/empty": "this is {{what}}, but without an agent",
  "convert/from": "Converted from {{file}}.",
  "convert/model-comment": "Its model there: {{model}}. Write one of Coze: model: {id: …}.",
  "convert/omitted": "{{field}} isn't written: {{problem}}.",
  "convert/renamed": "It is called {{name}} there; Coze takes {{other}}.",
  "convert/unknown": "{{file}} is no export that cozeform knows",
  "convert/unknown.hint":
    "it converts a Dify DSL, the JSON of FastGPT or Bisheng, and an OpenAgentPack agents.yaml",
} as const;
