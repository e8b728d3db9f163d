export const engine = {
  "engine/ambiguous": "its creation got no answer, and {{ids}} could each be its result",
  "engine/billing": "billing stopped the run",
  "engine/file-changed": "{{file}} has changed since it was planned with",
  "engine/file-unreadable": "{{file}} can no longer be read",
  "engine/forget": "if {{address}} was deleted in Coze's pages, forget it: {{commandLine}}",
  "engine/id-missing": "there is no {{kind}} {{id}} that this token may see",
  "engine/id-missing.hint": "check the id in Coze, and whether the token's user is in the workspace",
  "engine/id-unpublished": "the {{kind}} {{id}} was never published",
  "engine/id-unpublished.hint": "publish it in Coze first",
  "engine/interrupted": "the run was interrupted",
  "engine/listed-unreadable":
    "Coze lists {{id}}, but a call about it says that it doesn't exist: this token can't read it",
  "engine/listed-unreadable.hint":
    "check that the token's account may open the object; if it was just deleted, run again",
  "engine/lookup-ambiguous": "{{count}} objects in Coze fit {{kind}} {{lookup}}: {{ids}}",
  "engine/lookup-ambiguous.hint": "choose one by its id, or add words that only it has",
  "engine/lookup-empty": "Coze has no {{kind}} {{lookup}}",
  "engine/lookup-empty.hint": "check the lookup, or use {id: …}",
  "engine/lookup-in-unknown":
    "{{kind}} {{lookup}} can't be looked up: {{address}} isn't in the state, though Coze has it: {{ids}}",
  "engine/lookup-in-unknown.hint":
    "take it over with {{commandLine}}, or name it by its id: metadata.import: {id: …}",
  "engine/lookup-nowhere": "the {{parent}} of {{kind}} {{lookup}} doesn't exist yet",
  "engine/lookup-nowhere-managed": "create it first: {{commandLine}}; then create the {{kind}} in Coze",
  "engine/lookup-nowhere.hint": "apply the {{parent}} first, or say with {{field}} where to look",
  "engine/lookup-unpublished": "the {{kind}} {{lookup}} ({{id}}) was never published",
  "engine/lookup-unpublished.hint": "publish it in Coze first",
  "engine/no-answer": "its creation got no answer",
  "engine/no-outcome": "Coze's answer doesn't mention {{address}}",
  "engine/nothing-appeared": "Coze no longer knows its task {{task}}, and nothing that it made has appeared",
  "engine/nothing-appeared.hint":
    "apply again: it searches again, and repeats the call only if nothing is found",
  "engine/refused": "Coze rejects its content",
  "engine/refused.hint": "change it; unchanged it is sent again only with --retry-refused",
  "engine/step-failed": "{{address}} failed",
  "engine/step-lost": "the copying call of {{address}} got no answer, and its copy may still appear",
  "engine/step-pending": "Coze is still at work on {{address}}",
  "engine/step-skipped": "{{address}} was skipped ({{reason}})",
  "engine/still-at-work-interrupted": "Coze is still at work on it (interrupted)",
  "engine/still-at-work-timed-out": "Coze is still at work on it (timed out)",
  "engine/still-at-work-unanswered":
    "Coze may still be at work on it (timed out; the last look at it failed: {{problem}})",
  "engine/token-rejected": "Coze no longer accepts the token",
  "engine/waits-for": "it waits for {{address}}",
  "engine/waits-for-contents":
    "{{address}} isn't ready, so nothing of it was bound or published; callers see it as before",
} as const;
