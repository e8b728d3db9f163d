// How the files of the command's bundle take names from each other. Translated to CommonJS by esbuild, each use of a name
// would call a function that looks it up, and each file would make such a function for each name at its start.

const imported = /^import \{\n([^}]*)\n\} from ("\.\/[^"]+");$/gmu;
const exported = /^export \{\n([^}]*)\n\};$/mu;
const loaded = /\bimport\(("\.\/[^"]+")\)/gu;

/**
 * Links files of a bundle, given as ES modules by name: a map of the same files, whose imports from each other are
 * constants and whose exports are one object. What may change stays as it is, and so do imports of anything else. Throws
 * for files that need each other.
 */
export function linkChunks(textsByName) {
  refuseCircles(textsByName);
  const changing = new Map([...textsByName].map(([name, text]) => [name, findChanging(text)]));
  return new Map(
    [...textsByName].map(([name, text]) => [name, linkChunk(text, changing, changing.get(name))]),
  );
}

/** The exported names of variables that get another value than in their declarations. */
function findChanging(text) {
  const names = namesIn(exported.exec(text)?.[1]);
  return new Set(names.filter(({ local }) => isReassigned(local, text)).map(({ other }) => other));
}

function linkChunk(text, changing, own) {
  return text
    .replaceAll(imported, (_all, list, from) => {
      const live = changing.get(JSON.parse(from).slice(2));
      const [constant, others] = split(namesIn(list), ({ local }) => !live?.has(local));
      const later = others.map(({ local, other }) => `${local} as ${other}`).join(", ");
      return [
        `const { ${constant.map(({ local, other }) => `${local}: ${other}`).join(", ")} } = require(${from});`,
        ...(others.length > 0 ? [`import { ${later} } from ${from};`] : []),
      ].join("\n");
    })
    .replace(exported, (_all, list) => {
      const given = namesIn(list).map(({ local, other }) =>
        own.has(other) ? `get ${other}() { return ${local}; }` : `${other}: ${local}`,
      );
      return `module.exports = { ${given.join(", ")} };`;
    })
    .replaceAll(loaded, (_all, from) => `Promise.resolve().then(() => require(${from}))`);
}

const split = (list, isFirst) => [list.filter(isFirst), list.filter((one) => !isFirst(one))];

/** The names of a list, such as `a` and `b as c`: before `as` and after it. */
const namesIn = (list = "") =>
  list
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean)
    .map((one) => {
      const [local, other = local] = one.split(" as ");
      return { local, other };
    });

/** Whether a file gives a variable another value than in its declaration; one of the same name in another scope counts. */
function isReassigned(name, text) {
  const own = name.replaceAll("$", "\\$");
  const assignments = new RegExp(
    `(\\b(?:var|let|const) )?(?<![\\w$.])${own} ?(?:(?:[-+*/%&|^]|\\*\\*|<<|>>>?|&&|\\|\\||\\?\\?)?=(?![=>])|\\+\\+|--)|(?:\\+\\+|--)${own}(?![\\w$])`,
    "gu",
  );
  return [...text.matchAll(assignments)].some(([, declared]) => declared === undefined);
}

/** A file that needs itself would find that what it takes isn't made yet. */
function refuseCircles(textsByName) {
  const done = new Set();
  const visit = (name, above) => {
    if (above.includes(name))
      throw new Error(`files of the bundle need each other: ${[...above, name].join(" ")}`);
    if (done.has(name)) return;
    const text = textsByName.get(name) ?? "";
    for (const [, , from] of text.matchAll(imported)) visit(JSON.parse(from).slice(2), [...above, name]);
    done.add(name);
  };
  for (const name of textsByName.keys()) visit(name, []);
}
