// The licences of the packages whose files went into a bundle.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The text of a `LICENSES.txt` for what esbuild lists of a bundle. */
export function licencesOf(root, { inputs }) {
  // Without cozeform's own files.
  const packages = new Map();
  for (const file of Object.keys(inputs)) {
    const [folder] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [];
    if (folder) packages.set(folder, [...(packages.get(folder) ?? []), file]);
  }
  const licences = [...packages].sort(([a], [b]) => (a < b ? -1 : 1)).map((one) => licenceOf(root, one));
  return licences.join(`\n${"-".repeat(80)}\n\n`);
}

function licenceOf(root, [folder, files]) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  const texts = readdirSync(join(root, folder))
    .filter((file) => /^(licen[cs]e|notice|copying)/iu.test(file))
    .sort()
    .map((file) => readFileSync(join(root, folder, file), "utf8").trim());
  const told = [texts, noticesOf(root, files), readmeOf(root, folder)].find(({ length }) => length > 0) ?? [];
  if (told.length === 0) throw new Error(`${name} is bundled and says nowhere how it may be`);
  return `${[`${name} ${version} (${license})`, ...told].join("\n\n")}\n`;
}

/** Some packages without a file for their licence have it in their README. */
function readmeOf(root, folder) {
  const readme = readdirSync(join(root, folder)).find((file) => /^readme\.md$/iu.test(file));
  const text = readme ? readFileSync(join(root, folder, readme), "utf8") : "";
  const [, licence = ""] = /^#+ licen[cs]e\s*\n(.*?)(?=^#|(?![\s\S]))/imsu.exec(text) ?? [];
  return licence.includes("Copyright") ? [licence.trim()] : [];
}

/** Others have it at the top of their sources. */
function noticesOf(root, files) {
  const notices = files.flatMap((file) => {
    const [head] = /^(?:\/\/.*\n)+/.exec(readFileSync(join(root, file), "utf8")) ?? [];
    return head?.includes("Copyright") ? [head.replace(/^\/\/ ?/gmu, "").trim()] : [];
  });
  return [...new Set(notices)];
}
