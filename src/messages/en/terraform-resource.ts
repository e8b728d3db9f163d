export const terraformResource = {
  "terraform-resource/adopted": "{{type}} {{id}} is adopted",
  "terraform-resource/adopted-held": "{{type}} {{id}} is in the state already",
  "terraform-resource/adopted-held.hint":
    "Another resource has the same {{fields}} and was to adopt it. If the resource moved to another address, add a moved block; otherwise change {{fields}} of one of them.",
  "terraform-resource/adopted-on-trust":
    "Coze doesn't show {{fields}}, or can't change it: it is taken on trust that it matches",
  "terraform-resource/adopted-twice": "{{type}} {{id}} is adopted already",
  "terraform-resource/adopted-twice.hint":
    "another resource of this configuration has the same {{fields}} and adopts it: remove one of the two, or change {{fields}} of one of them",
  "terraform-resource/adopted.hint":
    "it has the same {{fields}} and isn't in the state, so the creation takes it into the state and updates it to the configuration, and clears what that leaves out",
  "terraform-resource/adoption-ambiguous": "{{count}} objects could be adopted as {{type}}: {{ids}}",
  "terraform-resource/adoption-ambiguous.hint":
    'All have the same {{fields}}, so nothing is adopted or created. Import the right one with this block, with its id, and with the address above as "to":',
  "terraform-resource/adoption-unlike": "{{type}} {{id}} can't be adopted",
  "terraform-resource/adoption-unlike.hint":
    'It has the same {{fields}}, but differs in {{fixed}}, which Coze can\'t change. Correct the configuration, or change {{fields}} in it. To have Terraform replace the object, import it with this block, with the address above as "to":',
  "terraform-resource/already-created":
    "another resource of this configuration already created it: {{identity}}",
  "terraform-resource/already-created.hint": "remove one of the two resources",
  "terraform-resource/ambiguous-creation":
    "the creation got no response, and each of {{ids}} may be its result",
  "terraform-resource/ambiguous-creation.hint":
    "find out in Coze which of them it is and import that one (id {{imports}}): another apply creates one more",
  "terraform-resource/ambiguous-name": "{{count}} objects are called {{name}}: {{ids}}",
  "terraform-resource/ambiguous-name.hint": "use one of these ids",
  "terraform-resource/ambiguous-name-in": "{{count}} objects in {{parent}} are called {{name}}: {{ids}}",
  "terraform-resource/ambiguous-name-in.hint": "use one of these ids",
  "terraform-resource/assumed-value": "{{field}} is taken on trust",
  "terraform-resource/assumed-value.hint":
    "Coze never shows it, so the configuration of an imported object is trusted: nothing is sent.",
  "terraform-resource/create-only": "{{field}} takes effect only at creation",
  "terraform-resource/create-only.hint": "Coze keeps its value.",
  "terraform-resource/double-removal": "{{type}} {{id}} is in the state twice",
  "terraform-resource/double-removal.hint":
    "one of two resources adopted it, as can happen with -target, and one is to be removed, which would take the object from both. Run terraform state rm with the address that the configuration no longer has, and plan again",
  "terraform-resource/doubtful-creation":
    "the creation got no response, and {{id}} is its result or an older object",
  "terraform-resource/doubtful-creation.hint":
    "check in Coze whether it is new; if so, import it (id {{imports}}): another apply creates one more",
  "terraform-resource/exists": "{{type}} {{id}} already exists",
  "terraform-resource/exists-hint":
    'It has the same {{fields}}. If the state has it under another address, add a moved block. Otherwise, to import it rather than create another one, add this block, with the address above as "to":',
  "terraform-resource/exists-refused-hint":
    'It has the same {{fields}} and isn\'t in the state, so no other one is created. To import it, add this block, with the address above as "to". Or change {{fields}}, or set existing = "adopt" in the provider\'s configuration. If the state has it under another address, add a moved block.',
  "terraform-resource/given-up-hint": "correct its content and apply again to recreate it",
  "terraform-resource/import-form": "use {{form}}",
  "terraform-resource/import-with-parent": "add the id of its parent: {{form}}",
  "terraform-resource/incomplete-id": "the import id is incomplete",
  "terraform-resource/lost-task": "Coze no longer knows its task {{task}}",
  "terraform-resource/lost-task.hint": "check in Coze whether the task created an object; if so, import it",
  "terraform-resource/may-exist": "{{type}} may exist already: {{ids}}",
  "terraform-resource/may-exist.hint":
    "Coze doesn't show what an object was copied from, so it can't be recognized and isn't adopted. What is named here is called like the source and isn't in the state, so nothing is created. If it is the result of an earlier run, import it with this block, with the address above as \"to\"; otherwise set existing = \"warn\" in the provider's configuration:",
  "terraform-resource/missing-result": "Coze's response lacks a {{type}}",
  "terraform-resource/no-id": "{{text}} isn't an id",
  "terraform-resource/not-found": "there is no {{type}} {{name}}",
  "terraform-resource/not-found-in": "there is no {{type}} {{name}} in {{parent}}",
  "terraform-resource/not-visible": "the token sees no {{type}} {{id}}",
  "terraform-resource/open-creation": "{{error}}; no result has appeared yet, and it still may",
  "terraform-resource/open-creation.hint": {
    one: "check in Coze for {{count}} minute whether it appears; if so, import it (id {{id}}): another apply creates one more",
    other:
      "check in Coze for {{count}} minutes whether it appears; if so, import it (id {{id}}): another apply creates one more",
  },
  "terraform-resource/partial-removed": "{{type}} {{id}} is incomplete",
  "terraform-resource/partial-removed.hint":
    "Terraform replaces it, and the replacement continues it. If this apply ends before that, import it as {{importId}}: another apply would create a second one.",
  "terraform-resource/pending": "created, and waiting for a person",
  "terraform-resource/removal-loses": "{{type}} {{id}} goes with its contents",
  "terraform-resource/removal-loses.hint":
    "Its removal {{effect}}, whether Terraform manages them or not, and can't be undone. To rule it out, set prevent_destroy = true in the resource's lifecycle block.",
  "terraform-resource/removal-refused": "{{type}} {{id}} isn't removed: that {{effect}}",
  "terraform-resource/removal-refused-hint":
    "Set allow_ownership_transfer = true in the provider's configuration to remove it anyway. To keep it at Coze and only remove it from the state, run terraform state rm 'ADDRESS'; terraform state list -id={{id}} shows the address.",
  "terraform-resource/removal-takes-back": "Its removal {{effects}}.",
  "terraform-resource/replacement-interrupted": "{{type}} {{id}} stays as it is",
  "terraform-resource/replacement-interrupted.hint":
    "The run was interrupted before its replacement was created; the next apply continues.",
  "terraform-resource/replacement-refused-hint":
    "Coze can't change {{fields}}, so it would be removed and created again. Set allow_ownership_transfer = true in the provider's configuration to replace it anyway, or write {{values}}.",
  "terraform-resource/several-exist-hint":
    'It has the same {{fields}}, as do {{others}}. If the state has it under another address, add a moved block. Otherwise, to import it rather than create another one, add this block, with the address above as "to":',
  "terraform-resource/several-exist-refused-hint":
    'It has the same {{fields}}, as do {{others}}, and isn\'t in the state, so no other one is created. To import it, add this block, with the address above as "to". Or change {{fields}}. If the state has it under another address, add a moved block.',
  "terraform-resource/stays-at-coze": "{{type}} {{id}} stays at Coze",
  "terraform-resource/stays-at-coze.hint":
    "Coze's API can't delete it: Terraform only removes it from the state. To delete it, use its page in Coze.",
  "terraform-resource/still-processing": "Coze is still processing it",
  "terraform-resource/still-processing.hint": "The next apply continues to wait for it.",
  "terraform-resource/unclearable": "{{field}} can't be unset through Coze's API",
  "terraform-resource/unclearable.hint": "Coze keeps its value; set another value to change it.",
  "terraform-resource/unmanageable-hint": "{{hint}}; take it out of the state with terraform state rm",
  "terraform-resource/unsearched-creation": "{{error}}; the search for its result failed: {{cause}}",
  "terraform-resource/unsearched-creation.hint":
    "check in Coze whether it exists; if so, import it (id {{id}}): another apply creates one more",
  "terraform-resource/wait-interrupted": "Coze is still processing it (interrupted)",
  "terraform-resource/wait-interrupted.hint": "apply again to continue waiting",
  "terraform-resource/wait-timed-out": "Coze is still processing it (timed out)",
  "terraform-resource/wait-timed-out.hint": "apply again to continue waiting",
} as const;
