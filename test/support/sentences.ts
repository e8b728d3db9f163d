import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** A place in the source. */
export interface Found {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** Folders whose texts aren't messages: Coze's own words, generated code, pages for Terraform's registry. */
const otherTexts =
  /^(?:emulator\/|messages\/|cdktf\/gen\/|cdktf\/codegen|terraform\/docs\/|terraform\/protocol\/rpc\/gen\/)/u;

/** The words of a kind's fields, which schemas and editors show, and examples of commands. */
const otherProperties = new Set(["description", "examples", "inManifests"]);

const twoWords = /\p{L}[,;:.]? +\p{L}/u;
/** Commands. */
const command = /^(?:#!|(?:[A-Z_]+=\S+ |source <\(|X )?(?:cozeform|terraform|npm|npx|git|providers|init)\b)/u;
/** Statements of SQL. */
const statement = /^\s*(?:CREATE|DELETE|INSERT|SELECT|SET|WITH) [\s\S]/u;
/** Words of protocols and programs, ids of constructs, and code. */
const identifiers = new Set([
  "Basic X",
  "Bearer X",
  "bad port",
  "application/json; charset=utf-8",
  "Global Options:",
  "cd X && ",
  "debug: XX",
  "file X",
  "lookup X X",
  "X: X",
  "X X",
]);
const isMessage = (text: string): boolean =>
  twoWords.test(text) &&
  !command.test(text) &&
  !statement.test(text) &&
  !identifiers.has(text) &&
  !text.includes("require(");

/** The TypeScript files below a folder, by their paths within it. */
export function readSources(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  return new Map(files.map((file) => [file, readFileSync(join(folder, file), "utf8")]));
}

/** Texts of two words or more that don't come from the catalogue. Our own bugs (`new Error`) speak for themselves. */
export function findSentences(file: string, source: string): readonly Found[] {
  if (otherTexts.test(file)) return [];
  const isExempt = (node: ts.Node): boolean =>
    ts.isImportDeclaration(node) ||
    ts.isTypeNode(node) ||
    (ts.isNewExpression(node) && node.expression.getText() === "Error") ||
    (ts.isPropertyAssignment(node) && otherProperties.has(node.name.getText()));
  return search(file, source, isExempt, (node) => {
    const text = textOf(node);
    return text !== undefined && isMessage(text) ? text : undefined;
  });
}

/** Messages that are built while a module loads, before a program has chosen the language. */
export function findEarlyMessages(file: string, source: string): readonly Found[] {
  return search(file, source, ts.isFunctionLike, (node) =>
    ts.isCallExpression(node) && /^(?:say|explain)$/u.test(node.expression.getText())
      ? node.getText()
      : undefined,
  );
}

function search(
  file: string,
  source: string,
  isExempt: (node: ts.Node) => boolean,
  read: (node: ts.Node) => string | undefined,
): readonly Found[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const found: Found[] = [];
  const visit = (node: ts.Node): void => {
    if (isExempt(node)) return;
    const text = read(node);
    if (text === undefined) ts.forEachChild(node, visit);
    else found.push({ file, line: tree.getLineAndCharacterOfPosition(node.getStart()).line + 1, text });
  };
  visit(tree);
  return found;
}

function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map(({ literal }) => `X${literal.text}`).join("");
}
