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
  "state/check-or-unlock":
    "check that {{host}} is the name of this machine, and that the lock was taken before this machine started or on another machine of that name; if no cozeform is running on this directory anywhere, run {{commandLine}}",
  "state/connection-broken": "the connection broke",
  "state/connection-refused": "nothing listens there",
  "state/connection-timed-out": "connecting takes too long",
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
  "state/http-status": "the server answers HTTP {{status}}",
  "state/http-status-with-text": "the server answers HTTP {{status}}: {{said}}",
  "state/http-status-with-text.hint": "check the address of the state, then run again",
  "state/http-status.hint": "check the address of the state, then run again",
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
  "state/kept-here": "{{why}}; what the run did is kept in {{file}} until it can be saved",
  "state/kept-here-after": "{{move}}; do that on this machine, whose next run brings the file in",
  "state/kept-here.hint": "mend the connection, then run again on this machine: the next run brings it in",
  "state/line-damaged":
    "line {{line}} of the journal is damaged ({{problem}}), so the last changes are unknown",
  "state/line-damaged.hint": "restore it from a backup, or move it away and check the plan carefully",
  "state/line-fault": "it {{fault}}",
  "state/link-broken": "it is a link to {{target}}, which doesn't exist",
  "state/link-broken.hint": "repair the link, or remove it",
  "state/link-refused": "it is a link to {{target}}, and the state isn't stored through links",
  "state/link-refused.hint":
    "remove the link; if it is intended, add the folder to allow_write in your own ~/.config/cozeform/config.yaml",
  "state/lock-lost": "this run has lost the lock of the state",
  "state/lock-lost.hint": "find out who released it; then run again, which finds out what the last calls did",
  "state/locked":
    "the state is locked by {{command}} of {{user}} on {{host}} (process {{pid}}), since {{since}}",
  "state/locked-by-living": "{{locked}}, and that process is still running on this machine",
  "state/locked-by-living.hint":
    "wait until it ends, or end it; to release the lock all the same, so that two runs may change the same objects, run {{commandLine}}",
  "state/locked-by-other-client": "the state is locked by {{command}} of {{who}}, since {{since}}",
  "state/locked-by-probe":
    "the state wasn't locked, and is now: the lock {{id}}, taken to find that out, can't be released: {{why}}",
  "state/locked-by-probe.hint": "release it: run {{commandLine}}",
  "state/locked-by-unknown": "the state is locked, and the lock doesn't say by which run",
  "state/locked-by-user": "the state is locked by {{who}}, since {{since}}",
  "state/locked-under-other-id": "{{locked}}; the ID of that lock is {{id}}, not {{given}}",
  "state/locked-under-other-id.hint": "if that run is no longer running either, run {{commandLine}}",
  "state/locked-without-id": "{{locked}}, and that lock has no ID",
  "state/locked-without-id.hint": "if that run is no longer running, remove {{place}}",
  "state/login-missing": "the server asks for a user name and a password",
  "state/login-missing.hint":
    "set TF_HTTP_USERNAME and TF_HTTP_PASSWORD, or username and password below state in cozeform.yaml",
  "state/login-refused": "the server refuses access to the state",
  "state/login-refused.hint":
    "check that this user may read and write it; it is that of TF_HTTP_USERNAME and TF_HTTP_PASSWORD, or of username and password below state in cozeform.yaml",
  "state/login-wrong": "the server doesn't know this user name with this password",
  "state/login-wrong.hint":
    "check TF_HTTP_USERNAME and TF_HTTP_PASSWORD, or username and password below state in cozeform.yaml; a token may have expired",
  "state/make-lockable": "nothing was done; make sure that files can be written there, then run again",
  "state/name-unresolved": "its name can't be resolved",
  "state/no-answer-in-time": "{{host}} doesn't answer",
  "state/no-answer-in-time.hint": "check the address of the state and the connection, then run again",
  "state/no-locks": "the server doesn't lock the state: {{method}} {{address}} answers HTTP {{status}}",
  "state/no-locks.hint":
    "set lock_address and unlock_address, and the methods that the server wants; a state that several machines share needs a lock",
  "state/no-project": "the server has no such project, or this user may not see it: {{said}}",
  "state/no-project.hint":
    "check the project in the address of the state, and the user of TF_HTTP_USERNAME and TF_HTTP_PASSWORD (username and password below state in cozeform.yaml)",
  "state/not-address": "{{address}} is not an address",
  "state/not-locked": "the state isn't locked",
  "state/not-locked.hint": "run the command that was refused again",
  "state/not-utf8": "it isn't UTF-8 text",
  "state/older-than-seen":
    "the state file is older than the one that this directory saw last: it has serial {{serial}}, that one had {{seen}}",
  "state/older-than-seen.hint":
    "put the newer file back, for example from git; if this one is there on purpose, remove {{file}}; and keep the state where all machines find it (state: in cozeform.yaml, see docs/state.md), not in git",
  "state/other-digest": "what arrived isn't what the server has: the digest differs",
  "state/other-digest.hint": "run it again",
  "state/other-endpoint": "the state belongs to {{saved}}, not to {{chosen}}",
  "state/other-endpoint.hint":
    "pass --endpoint {{saved}}, or define an environment for each endpoint in cozeform.yaml",
  "state/other-environment": "the state belongs to the environment {{saved}}, not to {{chosen}}",
  "state/other-environment.hint":
    'restore the right file; if the environment was renamed, change "environment" in it',
  "state/pg-address": "the connection string isn't an address that begins with postgres://",
  "state/pg-address.hint": "write it as postgres://user:password@host:5432/database",
  "state/pg-ended": "the database ended the connection, and the lock of the state went with it: {{said}}",
  "state/pg-ended.hint":
    "if somebody released the lock with state unlock, find out who; otherwise check the database; then run again: the next run finds out what the last calls did",
  "state/pg-exhausted": "the database has no room left: {{said}}",
  "state/pg-exhausted.hint":
    "make room there, then run again: the next run finds out what the last calls did",
  "state/pg-forbidden": "the database doesn't allow it: {{said}}",
  "state/pg-forbidden.hint": "let this user create the schema, or use a schema that belongs to it",
  "state/pg-login": "the database refuses the login: {{said}}",
  "state/pg-login.hint":
    "check the user and the password of the connection string; if the server wants encryption, add sslmode=require to it",
  "state/pg-lost": "the connection to the database broke: {{said}}",
  "state/pg-lost.hint":
    "check the database and the connection, then run again: the next run finds out what the last calls did",
  "state/pg-newer":
    "the tables were made by a newer cozeform: they have version {{version}}, this one knows up to {{known}}",
  "state/pg-newer.hint": "upgrade cozeform to one version for everyone who applies",
  "state/pg-no-database": "there is no such database: {{said}}",
  "state/pg-no-database.hint": "create it, or correct its name in the connection string",
  "state/pg-refused": "the database refuses it: {{said}}",
  "state/pg-refused.hint": "look into the database's log, then run again",
  "state/pg-silent": "the database doesn't answer",
  "state/pg-unconnected": "the database can't be connected to: {{said}}",
  "state/pg-unconnected.hint": "check the connection string, then run again",
  "state/probably-dead":
    "the lock hasn't been renewed for {{minutes}} minutes, so that run is probably dead; if it is no longer running, run {{commandLine}}",
  "state/redirected": "the server redirects (HTTP {{status}}) to {{to}}",
  "state/redirected.hint":
    "if that is a page to log in at, check the user and the address; otherwise write the address that it leads to",
  "state/resolve-merge":
    "take the side of the run that came last, then plan --adopt what the other side made; and keep the state where all machines find it (state: in cozeform.yaml, see docs/state.md), not in git",
  "state/s3-clock": "the store says that this machine's clock is wrong, and not what time it is",
  "state/s3-clock.hint": "set the clock of this machine",
  "state/s3-forbidden": "the store refuses access to the state",
  "state/s3-forbidden.hint":
    "allow this key s3:ListBucket on {{bucket}}, and s3:GetObject, s3:PutObject and s3:DeleteObject on {{bucket}}/{{key}}*",
  "state/s3-login": "the store refuses the access key: {{code}}",
  "state/s3-login.hint": "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN",
  "state/s3-no-bucket": "there is no bucket {{bucket}}",
  "state/s3-no-bucket.hint": "create it, or correct its name below state in cozeform.yaml",
  "state/s3-no-conditions":
    "this store has no conditional writes, so two runs could lock the state at a time",
  "state/s3-no-conditions.hint":
    "use a store that answers HTTP 412 to a PUT with If-None-Match: * where there is an object, and to one with If-Match and another ETag",
  "state/s3-region": "the bucket {{bucket}} is in the region {{region}}, not in {{given}}",
  "state/s3-region.hint": "set region: {{region}} below state in cozeform.yaml",
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
  "state/stopped": "it was interrupted",
  "state/stopped.hint": "run it again",
  "state/this-file": "the state file",
  "state/top-level": "the top level",
  "state/unreached": "{{host}} can't be reached: {{reason}}",
  "state/unreached.hint": "check the address of the state and the connection, then run again",
  "state/unreadable": "it can't be read: {{reason}}",
  "state/unreadable.hint":
    "make it a readable file: without it, the objects that cozeform created aren't known",
  "state/unsaved-conflict":
    "{{file}} contains objects of a run that couldn't save them, and the state at {{place}} has others by now: {{objects}}",
  "state/unsaved-conflict.hint":
    "decide for each of them which object is to stay; to take one of the file, remove its address there with state rm: the next run brings it in; to keep all that is there, remove the file; remove the other objects at Coze",
  "state/unsaved-creation": "{{address}} is {{there}} there, and may have been created here",
  "state/unsaved-elsewhere": "{{address}} is {{here}} here, and objects of it are at other addresses there",
  "state/unsaved-none": "none",
  "state/unsaved-object": "{{address}} is {{here}} here and {{there}} there",
  "state/unsaved-overtaken":
    "{{file}} contains what a run couldn't save (serial {{serial}}), and another run has saved the state at {{place}} since (serial {{saved}})",
  "state/unsaved-overtaken.hint":
    "compare it with what is saved; then remove the file, or put it in place with state push --force",
  "state/unsaved-promotion": "the promotion is {{here}} here and {{there}} there",
  "state/unsaved-promotion-of": "number {{number}} from {{from}}",
  "state/unwritable": "the state can't be written: {{reason}}",
  "state/wait-for-lock": "wait until that run ends; if it is no longer running, remove {{file}}",
  "state/wait-for-lock-on-host":
    "wait until that run ends; if it is no longer running on {{host}}, remove {{file}}",
  "state/wait-or-unlock": "wait until that run ends; if it is no longer running, run {{commandLine}}",
  "state/wait-or-unlock-on-host":
    "wait until that run ends; if it is no longer running on {{host}}, run {{commandLine}}",
  "state/web-page": "the address answers with a web page, not with a state",
  "state/web-page.hint":
    "write the address of the API; at GitLab it is https://HOST/api/v4/projects/ID/terraform/state/NAME; a page to log in at means that the user is missing or wrong",
} as const;
