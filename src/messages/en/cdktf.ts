export const cdktf = {
  "cdktf/added-later": "{{id}} was added after the promotion and isn't promoted: add it before",
  "cdktf/circular": "{{id}} and what it needs refer to each other",
  "cdktf/command-not-a-list":
    'command is a list of a program and its first arguments, such as ["npx", "cozeform"]',
  "cdktf/depends-on-promoted": "{{place}} has {{value}}, which depends on a promoted resource",
  "cdktf/directory-unknown":
    "{{where}}.directory isn't a path that is known already: say where cozeform.yaml is",
  "cdktf/environment-protected":
    '{{environment}} is protected: confirm it with environment: "{{environment}}"',
  "cdktf/existing-workspace": "{{path}}, whose workspace exists already,",
  "cdktf/file-of-other-stack": "{{place}} has {{path}}, which is a file of another stack",
  "cdktf/id-taken": "{{space}} already has a {{id}}: name it in except, or change one of the ids",
  "cdktf/id-twice": "{{path}} has a {{id}} already: give another id",
  "cdktf/ignored-part": "Terraform can't ignore {{path}} and manage the rest of {{whole}}",
  "cdktf/ignored-part.hint": "write ignore_changes: [{{whole}}], or remove it",
  "cdktf/import": "metadata.import has no counterpart in a synthesized configuration",
  "cdktf/import.hint": "remove it, and take {{id}} over by terraform import or an import block",
  "cdktf/lookup-by-other": "Terraform looks up a {{kind}} by {{fields}}, not by {{field}}",
  "cdktf/lookup-by-other.hint": "use {{fields}} in the lookup",
  "cdktf/lookup-impossible": "Terraform can't look up a {{kind}}",
  "cdktf/lookup-impossible.hint": 'use its id: {id: "…"}',
  "cdktf/lookup-nowhere": "the lookup doesn't say which {{parent}} holds the {{kind}}",
  "cdktf/lookup-nowhere.hint": 'add {{parent}}: {id: "…"} to the lookup',
  "cdktf/manifests-invalid": "the manifests in {{directory}} can't be used",
  "cdktf/member-twice": "{{where}}: {{user}} is a member already: leave one of them out",
  "cdktf/member-unknown":
    "{{where}}.userId is known only to Terraform: make a WorkspaceMember beside the space, with an id of your choice",
  "cdktf/needs-excepted": "{{place}} needs {{id}}, which is in except",
  "cdktf/needs-unadded": "{{place}} needs {{element}}, which is in {{space}} but wasn't added with add()",
  "cdktf/no-counterpart": "{{place}} has {{value}}, for which the promotion creates nothing",
  "cdktf/no-item": "{{space}} has no {{id}}; it has {{known}}",
  "cdktf/no-item-near": "{{space}} has no {{id}}: did you mean {{near}}?",
  "cdktf/no-items": "{{space}} has no {{id}}; it has nothing yet",
  "cdktf/no-property": "{{where}} has no property {{property}}; it has {{known}}",
  "cdktf/no-property-near": "{{where}} has no property {{property}}: did you mean {{near}}?",
  "cdktf/no-resource-listed": "the manifests of {{path}} have no {{address}}: there are {{addresses}}",
  "cdktf/no-resource-near": "the manifests of {{path}} have no {{address}}: did you mean {{near}}?",
  "cdktf/no-variable":
    "manifests name the environment variable {{name}}, for which {{stack}} needs a TerraformVariable of that id: {{found}} is something else",
  "cdktf/output-of-project":
    "output {{output}} of {{project}} has no counterpart in a synthesized configuration",
  "cdktf/output-of-project.hint": "give its value as a variable: ${var.name}",
  "cdktf/override": "{{problem}}: set its counterpart in overrides.{{id}}",
  "cdktf/own-provider":
    "{{id}} has its own provider: set its counterpart in overrides.{{id}}.provider, or undefined for that of {{space}}",
  "cdktf/plan-missing": "there is no file {{file}}: create it with cozeform plan --out",
  "cdktf/reading-endless": "reading the manifests of {{directory}} came to no end ({{outcome}})",
  "cdktf/same-name":
    "{{address}} of {{path}} and {{other}} would both be {{name}} in Terraform: rename one of them",
  "cdktf/same-space": "from and to are the same space: create a second one",
  "cdktf/secret-in-clear": "{{field}} would be a secret in plain text in the synthesized configuration",
  "cdktf/secret-in-clear.hint":
    "write ${env.NAME}: Terraform then asks for it as the variable NAME (TF_VAR_NAME)",
  "cdktf/set-later":
    "what was set on {{id}} after the promotion isn't promoted: set it before, or also on promoted()",
  "cdktf/source-in-environment":
    "the copy source is in the environment {{environment}}, which Terraform doesn't know",
  "cdktf/source-in-environment.hint": 'use its id: source: {id: "…"}',
  "cdktf/untranslatable": "{{place}} has {{value}}, which can't be translated",
  "cdktf/variable-is-secret":
    "the variable {{name}} holds {{what}}, which Terraform would store: use an environment variable in the manifests, ${env.COZE_NAME}",
  "cdktf/variable-name": "{{name}} isn't a variable's name: use letters, digits and _",
  "cdktf/variable-reserved": "{{name}} can't be the name of a Terraform variable",
  "cdktf/variable-reserved.hint":
    "use an environment variable of letters, digits and _ that isn't one of Terraform's words",
  "cdktf/variable-type":
    "{{where}}.variables.{{name}} is no text, no number, and neither true nor false: give one, or leave it out",
  "cdktf/variable-unknown-at-destroy":
    "the variable {{name}} isn't known when Terraform destroys: set a value, or destroy: false",
  "cdktf/workspace-missing": "{{path}}.workspace is missing: set an id, or name and description of a new one",
} as const;
