export const manifestYaml = {
  "manifest-yaml/alias-in-itself": "*{{name}} contains itself",
  "manifest-yaml/alias-in-itself.hint": "write out the value",
  "manifest-yaml/close-before": "write {{closing}} before the {{other}} on line {{line}}",
  "manifest-yaml/close-list": "write {{closing}} where the list ends",
  "manifest-yaml/close-map": "write {{closing}} where the map ends",
  "manifest-yaml/close-string": "write {{closing}} where the string ends",
  "manifest-yaml/code-alias-props.hint": "remove the anchor or tag before the *alias",
  "manifest-yaml/code-bad-alias.hint":
    "name the anchor after & or *, followed by a space; quote strings that begin with one of these",
  "manifest-yaml/code-bad-collection-type.hint": "remove the tag",
  "manifest-yaml/code-bad-directive.hint": "remove the line; quote strings that begin with %",
  "manifest-yaml/code-bad-dq-escape.hint": "write \\\\ for a backslash, or use single quotes",
  "manifest-yaml/code-bad-indent.hint":
    "start all keys of a map, and all items of a list, in the same column",
  "manifest-yaml/code-bad-prop-order.hint":
    "put the anchor or tag after the indicator, just before its value",
  "manifest-yaml/code-bad-scalar-start.hint": "quote the string",
  "manifest-yaml/code-block-as-implicit-key": "a map can't begin on the same line as its key",
  "manifest-yaml/code-block-as-implicit-key.hint":
    "a colon and a space begin a map: quote strings that contain them, and start the keys of a map in the same column",
  "manifest-yaml/code-block-in-flow.hint":
    "inside { } and [ ] write maps as {key: value} and lists as [a, b]",
  "manifest-yaml/code-duplicate-key.hint": "remove one of them",
  "manifest-yaml/code-impossible.hint": "rewrite this part; please report this as a bug in cozeform",
  "manifest-yaml/code-key-over-1024-chars.hint": "shorten the key; quote long strings that contain a colon",
  "manifest-yaml/code-missing-char.hint":
    "put a colon and a space after the key; quote strings that contain YAML syntax (: # , [ ] { } & * ! | > % @ `)",
  "manifest-yaml/code-multiline-implicit-key": "a key and its colon must be on one line",
  "manifest-yaml/code-multiline-implicit-key.hint":
    "write a key and its colon on one line; start all keys of a map, and all items of a list, in the same column",
  "manifest-yaml/code-multiple-anchors.hint": "remove all anchors but one",
  "manifest-yaml/code-multiple-docs.hint": "separate documents with a line ---",
  "manifest-yaml/code-multiple-tags.hint": "remove all tags but one",
  "manifest-yaml/code-non-string-key.hint": "write the key as a string",
  "manifest-yaml/code-resource-exhaustion.hint": "nest the values less deeply",
  "manifest-yaml/code-tab-as-indent.hint": "indent with spaces",
  "manifest-yaml/code-tag-resolve-failed.hint": "remove the tag; quote strings that begin with !",
  "manifest-yaml/code-unexpected-token.hint":
    "quote strings that contain YAML syntax (: # , [ ] { } & * ! | > % @ `)",
  "manifest-yaml/digits-lost": "the number {{number}} would lose digits",
  "manifest-yaml/digits-lost.hint": "quote it: {{quoted}}",
  "manifest-yaml/key-not-a-string": "a key must be a string",
  "manifest-yaml/key-not-a-string.hint": "quote strings that contain YAML syntax",
  "manifest-yaml/key-twice": "the key {{key}} is already on line {{line}}",
  "manifest-yaml/key-twice.hint": "remove one of them",
  "manifest-yaml/merge-without-map": "<< takes a map or a list of maps",
  "manifest-yaml/merge-without-map.hint": "refer to the anchor of a map: <<: *name",
  "manifest-yaml/no-anchor": "there is no anchor &{{name}} above",
  "manifest-yaml/no-anchor.hint": "quote strings that begin with *",
  "manifest-yaml/not-a-number": "{{number}} isn't a finite number",
  "manifest-yaml/not-a-number.hint": "quote it: {{quoted}}",
  "manifest-yaml/secret": "this is {{what}} in plain text",
  "manifest-yaml/secret-by-interpolation":
    "revoke it if anyone else has seen this file, then keep it out of the project: sensitive fields accept ${env.COZE_NAME}",
  "manifest-yaml/secret-by-name":
    "revoke it if anyone else has seen this file, then keep it out of the project: {env: COZE_NAME}",
  "manifest-yaml/string-closed-late":
    "the {{quote}} on line {{line}} is closed on line {{last}}, and more text follows",
  "manifest-yaml/string-closed-late.hint": "write {{quote}} where the string ends on line {{line}}",
  "manifest-yaml/string-ends-here": "the quoted string ends here, and more text follows",
  "manifest-yaml/string-ends-here.hint": "write {{escaped}} for a {{quote}} inside the string",
  "manifest-yaml/too-deep": "values are nested more than {{count}} deep",
  "manifest-yaml/too-deep.hint": "nest the values less deeply",
  "manifest-yaml/too-many-values": "aliases expand to more than {{count}} values",
  "manifest-yaml/too-many-values.hint": "write out the values, or remove some",
  "manifest-yaml/unclosed": "the {{opening}} on line {{line}} isn't closed",
} as const;
