const finishOrRollBack = "finish it: {{commandLine}}; or take it back: {{rollbackCommandLine}}";

export const promote = {
  "promote/as-before": "as it was before promotion {{number}}",
  "promote/as-it-was": "as it was",
  "promote/as-released": "as released on {{time}}",
  "promote/bound-to-previous": {
    one: "{{names}} keeps the current {{address}} because it isn't part of this promotion",
    other: "{{names}} keep the current {{address}} because they aren't part of this promotion",
  },
  "promote/bound-to-previous.hint": {
    one: "name it as well to move it to the new one",
    other: "name them as well to move them to the new one",
  },
  "promote/callers-see-other": "callers still get other values of {{paths}}",
  "promote/calls-missing": {
    one: "the switch needs {{count}} call, and --max-calls leaves {{left}}; pass --max-calls {{enough}} or more",
    other:
      "the switch needs {{count}} calls, and --max-calls leaves {{left}}; pass --max-calls {{enough}} or more",
  },
  "promote/changed-by-hand":
    "{{address}}: {{path}} was changed in {{from}}; {{to}} keeps its manifest's value because the manifests differ there",
  "promote/changed-by-hand.hint": "write the change into the manifests, or make them agree",
  "promote/check-asked-twice": "asked twice because the first question or its answer was lost",
  "promote/check-failed": "the check {{name}} of {{address}} didn't pass",
  "promote/check-interrupted": "the run was interrupted before the answer came",
  "promote/check-lacks-text": "it doesn't contain {{text}}",
  "promote/check-more": "{{count}} more",
  "promote/check-no-match": "nothing in it matches {{pattern}}",
  "promote/check-not-asked": "not asked: {{why}}",
  "promote/check-not-json": "it isn't JSON",
  "promote/check-pattern-slow": "searching it for {{pattern}} takes too long",
  "promote/check-schema-slow": "comparing its JSON with the schema takes too long",
  "promote/check-timed-out": "no answer came within {{seconds}} seconds",
  "promote/check-timed-out.hint": "run again, or raise the check's time limit: within",
  "promote/check-unexpected": "the answer isn't as expected",
  "promote/check-unexpected-because": "the answer isn't as expected: {{lacks}}",
  "promote/checks-failed": "the check {{name}} of {{address}} didn't pass, and {{count}} more",
  "promote/copied-elsewhere":
    "{{address}} is copied from {{environment}}: a promotion from {{from}} doesn't change it",
  "promote/copied-elsewhere.hint":
    "to copy it from {{from}}, set source: {environment: {{from}}, …} in a patch of {{to}}",
  "promote/copy-lost": "the promotion's copy call got no answer, and the copy may still appear",
  "promote/copy-lost.hint": "promote again first, with --wait-lost, or forget it: {{commandLine}}",
  "promote/created": "promotion {{number}} created it, so it has no earlier release: it stays",
  "promote/file-stays": "{{path}} stays: releases keep no files",
  "promote/gone-in-source": "{{address}} no longer exists in {{from}}",
  "promote/gone-in-source.hint": "apply {{from}} first",
  "promote/interrupted": "the run was interrupted",
  "promote/needs-prepared":
    "{{address}} refers to {{prepared}}, which promotion {{number}} from {{from}} prepared and callers don't see yet",
  "promote/needs-prepared.hint": finishOrRollBack,
  "promote/needs-stuck": "it needs {{address}}, which can't be rolled back",
  "promote/no-counterpart":
    "{{path}} is the {{kind}} {{id}} in {{from}}, which has no known counterpart here",
  "promote/no-counterpart.hint":
    "name it in both manifests, or map its id under ids: of the environment in cozeform.yaml",
  "promote/no-release": "it has no release to take back",
  "promote/not-published": "{{address}} isn't published in {{from}}",
  "promote/not-published.hint":
    "publish it there ({{commandLine}}), promote drafts (--draft), or name what to promote without it",
  "promote/nothing-to-promote":
    "nothing of {{address}} can be promoted: it isn't a Copy from {{from}}, and {{from}} hasn't created it",
  "promote/nothing-to-promote.hint":
    "a promotion takes bots that both environments have, and copies whose source is in {{from}}",
  "promote/object-forgotten": "it was {{id}} before, which is no longer in the state",
  "promote/object-forgotten.hint": "copy it again: change its revision and apply",
  "promote/own-values": "keeps {{to}}'s own {{paths}}: the manifests differ there",
  "promote/part-hidden": "Coze doesn't return the {{names}} of {{path}}",
  "promote/part-hidden.hint": "set it in the manifests of both environments",
  "promote/prepared":
    "{{address}} was prepared by promotion {{number}} from {{from}}, and callers don't see it yet",
  "promote/prepared.hint": finishOrRollBack,
  "promote/problem-of": "{{address}}: {{problem}}",
  "promote/recreate":
    "restore its values in its manifest, set a new revision if it is a copy, and apply: that recreates it",
  "promote/release-expired":
    "the state no longer has its values of {{time}}: it keeps those of the latest five releases only",
  "promote/release-expired.hint": "set them in the manifest and apply",
  "promote/release-with-revision": "{{release}} (revision {{revision}})",
  "promote/release-with-version": "{{release}} (version {{version}})",
  "promote/resource-in": "{{address}} in {{environment}}",
  "promote/still-working": "Coze is still working on what the promotion began",
  "promote/still-working.hint": "promote again first, which waits for it, or forget it: {{commandLine}}",
  "promote/swapped": "{{id}} replaces {{former}}",
  "promote/switch-stopped": "nothing is switched: {{why}}",
  "promote/target-forgotten": "the state no longer has the release that it was going back to",
  "promote/unmade": "{{address}} isn't in {{from}} yet: it is left out",
  "promote/unmade.hint": "create it there first: {{commandLine}}",
  "promote/unreadable-values": "Coze doesn't return {{paths}}: taken from {{from}}'s manifest and state",
  "promote/uses-draft": "uses {{from}}'s draft",
  "promote/uses-published": "uses what {{from}} has published",
} as const;
