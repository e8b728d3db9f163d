import {
  BadRequest,
  type CallFacts,
  ContentRejected,
  type CozeError,
  Forbidden,
  NotFound,
  QuotaExhausted,
  RateLimited,
  ServerError,
  Unauthenticated,
  UploadRejected,
} from "../error-classes.ts";
import type { Operation, Wire } from "./operation.ts";

interface Words {
  readonly text: string;
  /** The next move. */
  readonly hint: string;
}

interface Meaning extends Words {
  readonly error: new (message: string, facts: CallFacts) => CozeError;
  readonly about?: CallFacts["about"] | undefined;
  /** More precise words for some operations, by name. */
  readonly on?: { readonly [operation: string]: Partial<Words> } | undefined;
}

const support = "ask Coze's support with the logid if it stays";
const topUp = "top up the account or upgrade its plan on Coze's billing page, then run again";
const laterOrSlower = "run again later, or lower requests_per_second";
const stranger = "cozeform asks for no such thing: report it with the logid";

const refused = (text: string, hint: string): Meaning => ({ error: BadRequest, text, hint });
const unpaid = (text: string, hint = topUp): Meaning => ({
  error: QuotaExhausted,
  text: `billing: ${text}`,
  hint,
});
const unsafe = (text: string): Meaning => ({
  error: ContentRejected,
  text,
  about: "texts",
  hint: "reword it and run again",
});
const badFile = (text: string, hint: string): Meaning => ({
  error: UploadRejected,
  text,
  about: "files",
  hint,
});

const badToken: Meaning = {
  error: Unauthenticated,
  text: "the token isn't valid",
  hint: "check that it hasn't expired and belongs to this endpoint: tokens of coze.cn and coze.com differ",
};
const noConversation = refused("a conversation, chat or message doesn't exist", stranger);
const grant = "grant the token the permission and the workspace; a fresh grant takes some seconds to count";
const owned = "only the dataset's owner may change its documents: use a token of the owner";

/** What Coze's codes mean, from https://docs.coze.cn/developer_guides/coze_error_codes and the operations' pages. */
const meanings: ReadonlyMap<number, Meaning> = new Map([
  [4000, refused("Coze finds a parameter wrong", "correct what the message names")],
  [4001, noConversation],
  [4002, noConversation],
  [4005, noConversation],
  [4006, noConversation],
  [4008, unpaid("the daily quota is used up", "run again tomorrow, or upgrade the account's plan")],
  [4009, { error: RateLimited, text: "Coze is too busy at present", hint: "run again later" }],
  [4011, unpaid("the account's balance is used up")],
  [4012, refused("the model isn't valid", "take a model id from the workspace's model page")],
  [4013, { error: RateLimited, text: "too many calls", hint: laterOrSlower }],
  [4014, unsafe("content safety objects to a text")],
  [4015, refused("the bot isn't published to the API channel", "add api to its channels and apply")],
  [4016, refused("a chat is going on in the conversation", stranger)],
  [4019, unpaid("the account is in arrears")],
  [4020, { error: RateLimited, text: "too many calls of the model", hint: laterOrSlower }],
  [4027, unpaid("the account's credits are used up")],
  [4028, unpaid("the free quota is used up")],
  [4100, badToken],
  [
    4101,
    {
      error: Forbidden,
      text: "the token has no permission for this, or the object isn't visible to it",
      hint: grant,
      on: {
        publish_bot: {
          hint: "use a token that may publish to these channels, of the bot's owner or a collaborator",
        },
        unpublish_agent: {
          hint: "only the bot's owner and the channel's owner may take it off: use their token",
        },
        create_knowledge_files: { hint: owned },
        modify_knowledge_files: { hint: owned },
        delete_knowdge_files: { hint: owned },
        add_space_member: { hint: "adding members takes the workspace's owner or an admin: use their token" },
        remove_space_member: {
          hint: "removing members takes the workspace's owner or an admin: use their token",
        },
        create_workspace: {
          hint: "let the token create workspaces: that is a permission of the account, not of a space",
        },
      },
    },
  ],
  [4102, unsafe("content safety objects to a text of the organization")],
  [
    4200,
    {
      error: NotFound,
      text: "the object doesn't exist",
      hint: "plan again to see what is left, and check the ids that you gave",
    },
  ],
  [4300, badFile("the file is empty", "put something into it, or leave it out")],
  [4301, badFile("more than one file was sent", support)],
  [4302, badFile("the file is too large", "make it smaller: an upload may have 512 MB, and some files less")],
  [4303, badFile("the file's format isn't supported", "convert it to a format that the field's page names")],
  [4304, badFile("the file is broken", "check that it opens, and save it anew")],
  [5000, { error: ServerError, text: "Coze failed internally", hint: support }],
  [6003, refused("the account's plan doesn't include this", "upgrade the plan, or leave the feature out")],
  [6006, refused("a code node of a workflow took too long", "shorten what the node does, then run again")],
  [1109, refused("the text and the sound of a cloned voice differ", stranger)],
  [700012006, badToken],
  [
    702042018,
    refused("the workspace has no room for more members", "remove members, or upgrade the account's plan"),
  ],
  [
    702042162,
    refused("the user isn't in the enterprise", "add the user to the enterprise first, then run again"),
  ],
  [
    777074011,
    refused(
      "the enterprise has no room for more members",
      "remove members of the enterprise, or upgrade its plan",
    ),
  ],
  [
    777074044,
    refused("the organization's last super admin can't be removed", "make someone else super admin first"),
  ],
  [788788103, unpaid("the account's balance doesn't suffice")],
  // From coze-studio. Only 4200 says for certain that an object is gone.
  [105000011, refused("the dataset doesn't exist", "plan again to see what is left")],
  [105000012, refused("the document doesn't exist", "plan again to see what is left")],
  [100000003, { error: Forbidden, text: "the bot doesn't exist, or the token may not see it", hint: grant }],
]);

/** The codes whose meaning applies to answers without a code, by HTTP status. */
const codesByStatus: ReadonlyMap<number, number> = new Map([
  [401, 4100],
  [403, 4101],
  [404, 4200],
  [429, 4013],
]);

// Unknown codes aren't retried: that could do harm.
const unlisted: Meaning = {
  error: BadRequest,
  text: "Coze refused the call",
  hint: "look the code up at https://docs.coze.cn/developer_guides/coze_error_codes, or ask Coze's support with the logid",
};
const unlistedServerError: Meaning = {
  error: ServerError,
  text: "Coze or its gateway failed",
  hint: support,
};

/** An answer that reports failure. */
export interface FailedAnswer {
  readonly httpStatus: number;
  readonly code?: number | undefined;
  /** Coze's own words. */
  readonly msg?: string | undefined;
  readonly logid?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** The error for a failed answer: by its code, else by its HTTP status. */
export function describeFailure(operation: Operation, answer: FailedAnswer): CozeError {
  const { code = 0, httpStatus, msg } = answer;
  const meaning = meanings.get(code) ?? meaningOfStatus(httpStatus);
  const { text, hint } = wordsFor(operation, meaning);
  const uncertain = meaning.error === ServerError && operation.write;
  return new meaning.error(msg ? `${text}: ${msg}` : text, {
    operation: operation.name,
    outcome: uncertain ? "unknown" : "none",
    code: answer.code,
    httpStatus,
    logid: answer.logid,
    hint,
    said: msg,
    about: meaning.about,
    retryAfterMs: answer.retryAfterMs,
  });
}

function wordsFor({ name, permission }: Operation, meaning: Meaning): Words {
  const { text, hint, on } = meaning;
  const lacks =
    meaning === meanings.get(4101) && permission !== undefined
      ? { text: `the token lacks the permission ${permission}, or the object isn't visible to it` }
      : {};
  return { text, hint, ...lacks, ...on?.[name] };
}

function meaningOfStatus(status: number): Meaning {
  const listed = meanings.get(codesByStatus.get(status) ?? 0);
  return listed ?? (status >= 500 ? unlistedServerError : unlisted);
}

const oauthDenied: Meaning = {
  error: Forbidden,
  text: "the OAuth app may not sign in",
  hint: "enable and authorize the app on Coze's page of OAuth apps, which takes some seconds to count; enterprise_id is for privileged apps, and only for them",
};
const oauthWrong: Meaning = {
  error: BadRequest,
  text: "Coze gives no token",
  hint: "check app_id, and organization_id or enterprise_id if one is given; the app must be a service app",
};
const oauthFailed: Meaning = {
  error: ServerError,
  text: "Coze failed to give a token",
  hint: "run again later; ask Coze's support with the logid if it stays",
};

/** What the error words of the token endpoints mean, from https://docs.coze.cn/developer_guides/oauth_jwt. */
const oauthMeanings: ReadonlyMap<string, Meaning> = new Map([
  ["invalid_request", oauthWrong],
  [
    "invalid_client",
    {
      error: Unauthenticated,
      text: "Coze doesn't accept the OAuth app's signature",
      hint: "check that app_id, key_id (the public key's fingerprint) and the private key belong together, and to this endpoint",
    },
  ],
  [
    "unsupported_grant_type",
    { ...oauthWrong, hint: "the app must be a service app: only those sign in by JWT" },
  ],
  ["access_deny", oauthDenied],
  ["access_denied", oauthDenied],
  ["internal_error", oauthFailed],
]);

/** The failure that an answer of a token endpoint reports, with an error word where others have a code; undefined without one. */
export function readOauthFailure(
  operation: Operation,
  body: Wire,
  answer: {
    readonly httpStatus: number;
    readonly logid?: string | undefined;
    readonly retryAfterMs?: number | undefined;
  },
): CozeError | undefined {
  const word = [body.error_code, body.error].find((one) => typeof one === "string" && one !== "");
  if (word === undefined) return undefined;
  const { error, text, hint } = oauthMeanings.get(String(word)) ?? oauthMeaningOfStatus(answer.httpStatus);
  const said = [word, body.error_message ?? body.error_description].filter((one) => typeof one === "string");
  return new error(`${text}: ${said.join(", ")}`, {
    operation: operation.name,
    outcome: "none",
    hint,
    ...answer,
  });
}

function oauthMeaningOfStatus(status: number): Meaning {
  if (status === 429) return { error: RateLimited, text: "too many calls", hint: "run again later" };
  return status >= 500 ? oauthFailed : oauthWrong;
}
