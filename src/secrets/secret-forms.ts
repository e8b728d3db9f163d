import type { PlainKey } from "../messages/text.ts";

/** How the secrets of one vendor look in a text. */
export interface SecretForm {
  /** To be inserted in a sentence: `a Coze token`. */
  readonly what: PlainKey;
  /** A text without a match of it holds none of them; no more than a few letters, since every text is searched for all. */
  readonly sign: string;
  /** Flags `gu`; its first group, or all of it without groups, is the secret, and what `head` matches isn't the secret itself. */
  readonly pattern: RegExp;
  /** What is the same in all of them, so that it doesn't count when samples are told from secrets. */
  readonly head?: RegExp;
  /** The characters of a whole one behind its head, where they are always as many: a mask behind them hides nothing. */
  readonly whole?: number;
  /** Whether chance may have made what stands behind the head. */
  readonly isRandom?: (body: string) => boolean;
}

// At the beginning of a word, or behind a line break that is written as `\n`.
const start = String.raw`(?:(?<![A-Za-z0-9_])|(?<=\\[nrt]))`;
const end = "(?![A-Za-z0-9])";

const pattern = (source: string): RegExp => new RegExp(`${start}${source}`, "gu");

const hasDigitAndLetter = (text: string): boolean => /\d/u.test(text) && /[A-Za-z]/u.test(text);

/** Whether nearly every character follows the one before it: `abcdef…789`, `9876543210`. */
function isCount(body: string): boolean {
  if (body.length < 12) return false;
  const codes = [...body].map((one) => one.charCodeAt(0));
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0));
  return [1, -1].some((step) => steps.filter((one) => one === step).length >= steps.length * 0.85);
}

/** Whether chance may have made a text behind a prefix that tells its vendor. */
const looksRandom = (text: string): boolean => hasDigitAndLetter(text) && !isCount(text);

/** Words with a number at the end are names; in what is random, letters and digits alternate in one run. */
function looksGenerated(text: string): boolean {
  if (text.length < 16 || !looksRandom(text)) return false;
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu.test(text)) return true;
  return text.split(/[-_./:]+/u).some((part) => part.length >= 12 && (part.match(/\d+/gu)?.length ?? 0) >= 2);
}

const fixed = (what: PlainKey, sign: string, body: string, whole: number, head = sign): SecretForm => ({
  ...{ what, sign, whole },
  pattern: pattern(`(?:${head})${body}${end}`),
  head: new RegExp(`^(?:${head})`, "u"),
});

const open = (what: PlainKey, sign: string, body: string, head = sign): SecretForm => ({
  ...{ what, sign },
  pattern: pattern(`(?:${head})${body}`),
  head: new RegExp(`^(?:${head})`, "u"),
  isRandom: looksRandom,
});

/** What people call a secret that has no form of its own. */
const secretName =
  "(?:(?:secret|api|access|app|auth|private|sign(?:ing)?|encrypt(?:ion)?|client|corp|(?:encoding)?aes)[_-]?(?:access[_-]?)?(?:key|secret|token)(?:[_-]?secret)?|secret|pass(?:word|wd|phrase|code)?|pwd|密码|密碼|口令|[密秘][钥匙]|私钥|金鑰|令牌|授权码)";

/** What may stand around a name and its value: quotation marks, emphasis of Markdown, and escapes. */
const quotes = String.raw`["'\x60*\\“”‘’「」『』]{0,4}`;
const between = String.raw`${quotes}\s{0,4}(?:(?:为|是)?[:=：]>?|\||为|是)`;

const named: SecretForm = {
  what: "secrets/named",
  sign: String.raw`(?:[Ss]ecret|SECRET|[Kk]ey|KEY|[Tt]oken|TOKEN|[Pp]ass(?:word|wd|phrase|code)?|PASS(?:WORD|WD|PHRASE|CODE)?|[Pp]wd|PWD|[码碼令钥匙鑰牌])${between}|[Bb]earer\s`,
  pattern: new RegExp(
    String.raw`(?:${secretName}${between}\s{0,4}${quotes}|\bbearer\s{1,4})(?=[A-Za-z0-9+/_=.~-]{16})([A-Za-z0-9+/_=~-]+(?:\.[A-Za-z0-9+/_=~-]+)*)`,
    "giu",
  ),
  isRandom: (text) => looksGenerated(text) && !/pa[s5$]{2}w(?:[o0]r)?d/iu.test(text),
};

/** `{8}-{4}-{4}-{4}-{12}`, as webhooks have it, or the same without hyphens. */
const guid = "[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}";

const webhook = (what: PlainKey, sign: string, address: string, body: string): SecretForm => ({
  ...{ what, sign },
  pattern: new RegExp(`${address}(${body})`, "gu"),
});

const password: SecretForm = {
  what: "secrets/password-in-url",
  sign: String.raw`://[^\s/@]{1,200}@`,
  pattern:
    /(?<=[A-Za-z0-9+.-]:\/\/[^\s/:@'"<>]{0,100}:)(?!\$)((?:[^\s/@'"<>{}%*…]|%[0-9A-Fa-f]{2}){3,200})(?=@[A-Za-z0-9[])/gu,
  isRandom: (text) =>
    !/^(?:x+|\.+|pass(?:word|wd)?|pwd|pw|secret|token|user(?:name)?|change_?me|your.*|my.*|example.*|test|root|admin|postgres|密码|口令)$/iu.test(
      text,
    ),
};

/**
 * The secrets that are looked for besides keys in PEM form, the special ones before the general ones. Sources: the pages
 * of the vendors on their keys, as far as they say how keys look.
 */
export const secretForms: readonly SecretForm[] = [
  {
    what: "secrets/coze",
    sign: "(?:[ps]at|cz[su])_",
    pattern: pattern("(?:pat|sat|czs|czu)_[A-Za-z0-9_-]{16,}"),
    head: /^\w{3}_/u,
    whole: 64,
  },
  open("secrets/anthropic", "sk-ant-", "[A-Za-z0-9_-]{20,}", String.raw`sk-ant-(?:[a-z]+\d\d-)?`),
  open("secrets/openai", "sk-(?:proj|svcacct|admin|None)-", "[A-Za-z0-9_-]{20,}"),
  open("secrets/model-key", "sk-[A-Za-z0-9]", "[A-Za-z0-9]{20,}", String.raw`sk-(?:[a-z]{2,8}-(?:v\d-)?)?`),
  open("secrets/model-key", "(?:gsk_|xai-|pplx-)", "[A-Za-z0-9]{32,}"),
  fixed("secrets/aws", "A(?:KIA|SIA|BIA|CCA)", "[A-Z0-9]{16}", 16),
  open("secrets/volcengine", "AK(?:LT|TP)", "[A-Za-z0-9+/_-]{20,}={0,2}"),
  open("secrets/alibaba", "LTAI", "[A-Za-z0-9]{12,28}"),
  open("secrets/tencent", "AKID", "[A-Za-z0-9]{16,44}"),
  open("secrets/baidu", "ALTAK", "[A-Za-z0-9]{16,}", "(?:bce-v3/)?ALTAK-?"),
  fixed("secrets/github", "gh[pousr]_", "[A-Za-z0-9]{36,255}", 36),
  open("secrets/github", "github_pat_", "[A-Za-z0-9_]{40,}"),
  open(
    "secrets/gitlab",
    "gl[a-z]{2,6}-",
    "[A-Za-z0-9_.-]{20,}",
    "gl(?:pat|ptt|dt|rt|cbt|oas|soat|ft|imt|agent|rtr|ffct)-",
  ),
  open("secrets/slack", "xox[a-z]-", "[A-Za-z0-9-]{16,}", "xox[abcdeoprs](?:\\.xox[a-z])?-"),
  open("secrets/slack", "xapp-", "[A-Za-z0-9-]{20,}"),
  webhook(
    "secrets/webhook",
    "hooks\\.slack",
    String.raw`hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/`,
    "[A-Za-z0-9/+]{30,}",
  ),
  webhook("secrets/webhook", "/bot/(?:v2/)?hook/", "/open-apis/bot/(?:v2/)?hook/", guid),
  webhook(
    "secrets/webhook",
    "robot/send\\?",
    String.raw`/robot/send\?(?:[^\s"']{0,80}&)?access_token=`,
    "[0-9a-fA-F]{48,64}",
  ),
  webhook(
    "secrets/webhook",
    "webhook/send\\?",
    String.raw`/cgi-bin/webhook/send\?(?:[^\s"']{0,80}&)?key=`,
    guid,
  ),
  fixed("secrets/dingtalk", "SEC[0-9a-f]{4}", "[0-9a-f]{64}", 64, "SEC"),
  fixed("secrets/google", "AIza", "[A-Za-z0-9_-]{35}", 35),
  open("secrets/google", "GOCSPX-", "[A-Za-z0-9_-]{24,}"),
  open("secrets/google", "ya29\\.", "[A-Za-z0-9_-]{20,}"),
  open("secrets/stripe", "[sr]k_(?:live|test)_", "[A-Za-z0-9]{16,}"),
  open("secrets/stripe", "whsec_", "[A-Za-z0-9+/]{24,}"),
  fixed("secrets/npm", "npm_", "[A-Za-z0-9]{36}", 36),
  open("secrets/pypi", "pypi-A", "[A-Za-z0-9_-]{50,}"),
  open("secrets/hugging-face", "hf_", "[A-Za-z0-9]{30,}"),
  fixed("secrets/sendgrid", "SG\\.", String.raw`[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}`, 66),
  {
    what: "secrets/jwt",
    sign: "eyJ[A-Za-z0-9_-]{9}",
    pattern: pattern(String.raw`eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{16,}`),
    isRandom: (text) => !isSampleJwt(text),
  },
  password,
  named,
];

/** The token that the pages about JWT show has this subject. */
function isSampleJwt(text: string): boolean {
  const [, payload = ""] = text.split(".");
  return Buffer.from(payload, "base64url").toString().includes('"1234567890"');
}
