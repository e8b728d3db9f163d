export const copies = {
  "copies/apply-source-first": "{{address}} creates it there when it is applied: {{commandLine}}",
  "copies/found-parent": "the {{kind}} that its manifest looks up",
  "copies/in-environment": "in {{environment}}: {{message}}",
  "copies/known-parent": "the {{kind}} {{id}}",
  "copies/name-maker": "set the name of the resource that creates the right one: {{makers}}",
  "copies/no-manifest":
    "{{address}} has no manifest in {{environment}} that names the {{kind}} of its original",
  "copies/no-manifest.hint": 'set the id of the original: source: {id: "…"}',
  "copies/original-ambiguous":
    "{{environment}} has more than one {{type}} called {{name}} in {{parent}}: {{ids}}",
  "copies/original-ambiguous.hint": 'choose one with source: {id: "…"}, or give them different names',
  "copies/original-missing": "{{environment}} has no {{type}} called {{name}} in {{parent}}",
  "copies/original-missing.hint":
    'set the name that Coze shows there, or the id of the original: source: {id: "…"}',
  "copies/parent-unmade":
    "the original of {{address}} is in {{parent}}, which isn't created in {{environment}} yet",
  "copies/parent-unmade.hint": "apply {{environment}} first: {{commandLine}}",
} as const;
