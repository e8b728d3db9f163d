import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Every way in which a secret may have been written somewhere, by what the way is called. */
function writingsOf(secret: string): Readonly<Record<string, string>> {
  const plain = secret.trim();
  const bytes = Buffer.from(plain);
  const json = JSON.stringify(plain).slice(1, -1);
  const shifted = (count: number): string =>
    Buffer.concat([Buffer.alloc(count), bytes])
      .toString("base64")
      .slice(4, -4);
  return {
    "as it is": plain,
    "in JSON": json,
    "in JSON in JSON": JSON.stringify(json).slice(1, -1),
    "in a URL": encodeURIComponent(plain),
    "in a form": encodeURIComponent(plain).replaceAll("%20", "+"),
    "in base64": bytes.toString("base64").slice(0, -4),
    "in base64 behind a byte": shifted(1),
    "in base64 behind two": shifted(2),
    "in base64url": bytes.toString("base64url").slice(0, -4),
    "in hex": bytes.toString("hex"),
    "on one line": plain.replaceAll("\n", ""),
    "with \\n": plain.replaceAll("\n", "\\n"),
    // Of what somebody cut short, half is enough.
    "its first half": plain.slice(0, Math.max(8, Math.floor(plain.length / 2))),
    "one line of it": plain.split("\n").find((line) => !line.startsWith("-----")) ?? plain,
  };
}

/** Where secrets, by name, show in texts, by name: `token, in JSON: plan --format json`. */
export function findTraces(
  secrets: Readonly<Record<string, string>>,
  texts: Readonly<Record<string, string>>,
): readonly string[] {
  return Object.entries(secrets).flatMap(([name, secret]) =>
    Object.entries(writingsOf(secret)).flatMap(([way, writing]) =>
      Object.entries(texts).flatMap(([title, text]) =>
        text.includes(writing) ? [`${name}, ${way}: ${title}`] : [],
      ),
    ),
  );
}

/** The texts of all files below a directory by their paths, but for those that `except` names. */
export function readFiles(
  directory: string,
  except: readonly string[] = [],
): Readonly<Record<string, string>> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  );
  const paths = entries.map((one) => join(one.parentPath, one.name).slice(directory.length + 1));
  return Object.fromEntries(
    paths
      .filter((path) => !except.includes(path))
      .map((path) => [path, readFileSync(join(directory, path), "latin1")]),
  );
}

/** How many ways a secret is searched for in; each must be found where it was planted. */
export const writings = (secret: string): readonly (readonly [way: string, writing: string])[] =>
  Object.entries(writingsOf(secret));
