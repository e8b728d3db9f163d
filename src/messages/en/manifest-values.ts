export const manifestValues = {
  "manifest-values/address-unknown": "there is no resource {{address}}",
  "manifest-values/copy-makes-other":
    "{{place}} must be a {{kind}}, but the {{field}} of {{address}} isn't {{value}}",
  "manifest-values/copy-makes-other.hint": "refer to one with {{field}}: {{value}}",
  "manifest-values/copy-missing":
    "declare a {{copy}} of this name with {{fields}}, or write {{forms}} for a {{kind}} that cozeform doesn't manage",
  "manifest-values/default-removes-absent":
    "these defaults remove {{field}}, which the project's defaults don't have",
  "manifest-values/each-known": "available here: {{references}}",
  "manifest-values/each-outside": "{{reference}} is only available with metadata.for_each",
  "manifest-values/each-outside.hint": "add metadata.for_each, or write $${ for a literal ${",
  "manifest-values/each-value-no-map": "its value isn't a map",
  "manifest-values/each-value-without-field": "this item of for_each has no {{field}}",
  "manifest-values/env-forbidden": "this project may not read the environment variable {{name}}",
  "manifest-values/env-forbidden-in-manifest":
    "for a value that isn't secret, use a variable: ${var.NAME}; names that begin with COZE_ are allowed; to allow another one, start cozeform with COZEFORM_ALLOW_ENV={{name}}",
  "manifest-values/env-forbidden.hint":
    "names that begin with COZE_ are allowed; to allow another one, start cozeform with COZEFORM_ALLOW_ENV={{name}}",
  "manifest-values/env-unset": "the environment variable {{name}} isn't set",
  "manifest-values/env-unset.hint": "set {{name}} before running",
  "manifest-values/environment-unknown": "there is no environment {{name}}",
  "manifest-values/exclude-idle": "{{pattern}} excludes nothing: no manifest has this address or label",
  "manifest-values/exclude-idle.hint": "write an address such as Bot.support, or label=value, or remove it",
  "manifest-values/files-of-one-name": "two files are called {{key}}",
  "manifest-values/files-of-one-name.hint": "rename one of them",
  "manifest-values/id-in-braces": 'for an id, write {id: "{{id}}"}',
  "manifest-values/id-or-lookup": '{id: "…"} or {{lookup}}',
  "manifest-values/include-loop": "{{file}} includes itself: {{loop}}",
  "manifest-values/include-loop.hint": "remove one of these ${file:…}",
  "manifest-values/include-path-filled":
    "the path of a file that is included is written out; nothing is put into it",
  "manifest-values/include-path-filled.hint":
    "write ${file:prompts/x.md}, or name the file to choose by {template: …} in the manifest",
  "manifest-values/include-too-deep": "files are included more than {{count}} deep: {{files}}",
  "manifest-values/include-too-deep.hint": "include fewer files within others",
  "manifest-values/inserted-no-scalar": "only a string, a number or a boolean can be inserted into a text",
  "manifest-values/inserted-no-scalar.hint":
    "make ${…} the whole value, or insert one of its fields: ${each.value.field}",
  "manifest-values/interpolation-unclosed": "${ is never closed",
  "manifest-values/interpolation-unclosed.hint": "close it with }, or write $${ for a literal ${",
  "manifest-values/interpolation-unknown": "{{reference}} doesn't exist",
  "manifest-values/interpolation-unknown.hint":
    "use ${var.…}, ${env.…} or ${each.…}, or write $${ for a literal ${",
  "manifest-values/item-no-key": "items of a for_each list must be strings or numbers",
  "manifest-values/item-no-key.hint": "use a map, whose keys name its items",
  "manifest-values/item-twice": "for_each has {{item}} twice",
  "manifest-values/key-unknown": "{{address}} has no key {{key}}",
  "manifest-values/key-without-for-each": "{{address}} has no for_each, so it has no key {{key}}",
  "manifest-values/leftover-files": {
    one: "the pattern also matches {{files}}, which another program left here; it is skipped",
    other:
      "the pattern also matches {{count}} files that other programs left here, which are skipped: {{files}}",
  },
  "manifest-values/leftover-files.hint": "remove them, or name the extension in the pattern",
  "manifest-values/literal-reference": "{{reference}} stays as it is: {file: …} puts nothing in",
  "manifest-values/literal-reference.hint": "write {template: {{file}}} to have it put in",
  "manifest-values/lookup-without-parent": "this lookup needs a {{kind}}, and none is set here",
  "manifest-values/lookup-without-parent.hint": 'add {{parent}}: {id: "…"} to the lookup',
  "manifest-values/match-and-name": "a patch has either match or metadata.name",
  "manifest-values/match-and-name.hint": "remove one of them",
  "manifest-values/match-empty": "this patch changes nothing",
  "manifest-values/match-empty.hint": "set the fields that differ under spec, or remove the patch",
  "manifest-values/match-form": "match says which manifests a patch is for: a kind, labels, or both",
  "manifest-values/match-form.hint": "write match: {kind: Bot, labels: {team: sales}}, with texts as values",
  "manifest-values/match-no-kind": "the project has no manifest of kind {{kind}}",
  "manifest-values/match-nothing": "no manifest matches {{words}}",
  "manifest-values/match-unknown-key": "match has no key {{key}}",
  "manifest-values/name-unknown": "there is no {{kind}} called {{name}}",
  "manifest-values/no-file-matches": "no file matches {{pattern}}",
  "manifest-values/no-file-matches.hint": "patterns are relative to the project directory",
  "manifest-values/not-by-name": "with {{field}}, this must be the name of a {{kind}} in that environment",
  "manifest-values/not-by-name.hint": "write the name as a string, or remove {{field}}",
  "manifest-values/not-yet-known":
    "this value must be known when manifests are read, but its variable isn't known yet",
  "manifest-values/not-yet-known.hint": "set the variable to a value that is known when manifests are read",
  "manifest-values/output-declaration": "an output is an address, or one with a fact behind it",
  "manifest-values/output-declaration.hint": "write Dataset.faq for its id, or Bot.support.version",
  "manifest-values/output-form":
    "an output of another project has the directory of that project and the name of the output",
  "manifest-values/output-form-key": "an output of another project has no key {{key}}",
  "manifest-values/output-form-key.hint":
    "write {project: ../platform, output: Dataset.faq}, and environment: … where it has another name there",
  "manifest-values/output-form.hint":
    "write {project: ../platform, output: Dataset.faq}, and environment: … where it has another name there",
  "manifest-values/output-later": "{{output}} of {{project}}",
  "manifest-values/patch-empty": "this patch of {{address}} changes nothing",
  "manifest-values/patch-empty.hint": "set the fields that differ under spec, or remove the patch",
  "manifest-values/patch-identity": "set kind and metadata.name to those of the manifest to patch",
  "manifest-values/patch-item-for-each": "an item of a for_each can't have a for_each of its own",
  "manifest-values/patch-item-for-each.hint": "patch the whole manifest by its name, without a key",
  "manifest-values/patch-list-empty":
    "the items of {{list}} are merged by {{key}}, so an empty list changes nothing",
  "manifest-values/patch-list-empty.hint": "write null to remove all of them",
  "manifest-values/patch-removes-absent": "this patch removes {{field}}, which the manifest doesn't have",
  "manifest-values/patch-unidentified": "{{field}} of this patch is missing or isn't a name",
  "manifest-values/patch-without-for-each":
    "{{address}} has no for_each, so it has no item {{item}} to patch",
  "manifest-values/patch-without-item": "{{address}} has no item {{item}} to patch",
  "manifest-values/patch-without-manifest": "there is no manifest {{address}} to patch",
  "manifest-values/reference-ambiguous": "{{address}} refers to several resources",
  "manifest-values/reference-ambiguous.hint": "refer to one of them: {{item}}",
  "manifest-values/reference-excluded":
    "{{address}} isn't in this environment: {{pattern}} excludes it at {{place}}",
  "manifest-values/reference-excluded.hint":
    "exclude what refers to it as well, or patch the reference for this environment",
  "manifest-values/secret-in-file": "this is {{what}} in plain text",
  "manifest-values/secret-in-file.hint":
    "revoke it if anyone else has seen this file, then remove it: the file is sent to Coze as it is",
  "manifest-values/template-look-alike": "{{text}} stays as it is, and is sent to Coze so",
  "manifest-values/template-look-alike.hint": "did you mean {{likely}}? If not, write $${ for a literal ${",
  "manifest-values/template-too-large": "this template grows beyond 16 million characters",
  "manifest-values/template-too-large.hint": "include less",
  "manifest-values/variable-unset": "the variable {{name}} isn't set",
  "manifest-values/variable-unset-similar":
    "did you mean {{similar}}? Otherwise pass --var {{name}}=…, or set environments.{{environment}}.variables.{{name}} in cozeform.yaml",
  "manifest-values/variable-unset.hint":
    "pass --var {{name}}=…, or set environments.{{environment}}.variables.{{name}} in cozeform.yaml",
  "manifest-values/write": "write {{text}}",
  "manifest-values/write-if-unmanaged": "for a {{kind}} that cozeform doesn't manage, write {{forms}}",
} as const;
