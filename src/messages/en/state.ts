export const state = {
  "state/at-line": "line {{line}}, column {{column}}: {{problem}}",
  "state/cache-damaged":
    "{{file}} is damaged ({{problem}}); it is ignored and rewritten: this plan reads every object",
  "state/cache-entry-malformed": "{{address}} must have a text id, a number revision and a text digest",
  "state/cache-not-object": "it isn't an object",
  "state/cache-unfit": "{{file}} is {{type}}; it is ignored: this plan reads every object",
  "state/cache-unfit.hint": "remove it",
  "state/cache-unreadable": "{{file}} can't be read: {{reason}}; it is ignored: this plan reads every object",
  "state/cache-unreadable.hint": "remove it",
  "state/check-lock-owner":
    "check that {{host}} is the name of this machine, and that the lock was taken before this machine started or on another machine of that name; if no cozeform is running on this directory anywhere, remove {{file}}",
  "state/dependency-not-address": "{{address}} depends on {{dependency}}, which is not an address",
  "state/entry-of-other-kind": "the entry of {{address}} has the kind {{kind}}",
  "state/file-damaged": "the state file is damaged: {{problem}}",
  "state/file-damaged.hint": "restore the file from version control or a backup",
  "state/file-fault": "the state file {{fault}}",
  "state/file-fault.hint": "restore the file from version control or a backup",
  "state/file-newer":
    "the state file was written by a newer cozeform: it has format {{format}}, this one reads up to {{known}}",
  "state/file-newer.hint": "upgrade cozeform to one version for everyone who applies",
  "state/file-not-state": 'this is not a cozeform state file: it has no "format": {{format}}',
  "state/file-not-state.hint": "restore the file from version control or a backup",
  "state/file-not-utf8": "the state file isn't UTF-8 text",
  "state/file-not-utf8.hint": "restore the file from version control or a backup",
  "state/finish-journal": "make it writable, then run again: the next run finds out what the last calls did",
  "state/journal-missing-state": "this journal continues a state file that doesn't exist (serial {{serial}})",
  "state/journal-missing-state.hint": "restore the state file from version control or a backup",
  "state/journal-newer":
    "the journal was written by a newer cozeform: it has format {{format}}, this one reads up to {{known}}",
  "state/journal-newer.hint": "upgrade cozeform",
  "state/journal-of-newer-state":
    "this journal continues a newer state (serial {{serial}}, the state file has {{saved}})",
  "state/journal-of-newer-state.hint":
    "restore the newer state file, or move the journal away if its content is no longer needed",
  "state/journal-of-older-state":
    "this journal continues an older state (serial {{serial}}, the state file has {{saved}}), and its content isn't in the state file",
  "state/journal-of-older-state.hint":
    "restore the state file that belongs to it, or move the journal away and check the plan for objects that it created",
  "state/journal-of-other-state":
    "this journal continues another state (lineage {{lineage}}, the state file has {{saved}})",
  "state/journal-of-other-state.hint":
    "restore the state file that belongs to it, or move the journal away if its content is no longer needed",
  "state/line-damaged":
    "line {{line}} of the journal is damaged ({{problem}}), so the last changes are unknown",
  "state/line-damaged.hint": "restore it from a backup, or move it away and check the plan carefully",
  "state/line-fault": "it {{fault}}",
  "state/link-broken": "it is a link to {{target}}, which doesn't exist",
  "state/link-broken.hint": "repair the link, or remove it",
  "state/link-refused": "it is a link to {{target}}, and the state isn't stored through links",
  "state/link-refused.hint":
    "remove the link; if it is intended, add the folder to allow_write in your own ~/.config/cozeform/config.yaml",
  "state/locked":
    "the state is locked by {{command}} of {{user}} on {{host}} (process {{pid}}), since {{since}}",
  "state/locked-by-unknown": "the state is locked, and its lock file doesn't say by which run",
  "state/make-lockable": "nothing was done; make sure that files can be written there, then run again",
  "state/not-address": "{{address}} is not an address",
  "state/not-utf8": "it isn't UTF-8 text",
  "state/other-endpoint": "the state belongs to {{saved}}, not to {{chosen}}",
  "state/other-endpoint.hint":
    "pass --endpoint {{saved}}, or define an environment for each endpoint in cozeform.yaml",
  "state/other-environment": "the state belongs to the environment {{saved}}, not to {{chosen}}",
  "state/other-environment.hint":
    'restore the right file; if the environment was renamed, change "environment" in it',
  "state/save-again":
    "nothing is lost: the journal beside it has all changes; make it writable, then run again",
  "state/shape-empty": "{{path}} is empty",
  "state/shape-missing": "{{path}} lacks {{name}}",
  "state/shape-not-hash": "{{path}} must be a SHA-256 in hexadecimal",
  "state/shape-not-id": "{{path}} must be an id of up to 64 letters, digits, - and _",
  "state/shape-not-in-list": "{{path}} must be one of {{values}}",
  "state/shape-not-type": "{{path}} must be {{type}}",
  "state/shape-not-value": "{{path}} must be {{value}}",
  "state/shape-unexpected": "{{path}} has an unexpected value",
  "state/shape-unknown-key": "{{path}} has the unknown key {{key}}",
  "state/this-file": "the state file",
  "state/top-level": "the top level",
  "state/unreadable": "it can't be read: {{reason}}",
  "state/unreadable.hint":
    "make it a readable file: without it, the objects that cozeform created aren't known",
  "state/unwritable": "the state can't be written: {{reason}}",
  "state/wait-for-lock": "wait until that run ends; if it is no longer running, remove {{file}}",
  "state/wait-for-lock-on-host":
    "wait until that run ends; if it is no longer running on {{host}}, remove {{file}}",
} as const;
