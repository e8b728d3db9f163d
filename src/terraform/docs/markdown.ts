/** Names as Markdown shows code. */
export const codes = (names: readonly string[]): readonly string[] => names.map((name) => `\`${name}\``);

/** `a, b and c`, with any word in the last place. */
export const inWords = (parts: readonly string[], word: string): string =>
  parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} ${word} ${parts.at(-1)}`;

/** Parts of a page with an empty line between them; those that have nothing to say are left out. */
export const joinBlocks = (blocks: readonly (string | undefined)[]): string =>
  blocks.filter((block) => block !== undefined && block !== "").join("\n\n");

/** A section under a heading of the second level; undefined when it has nothing to say. */
export const section = (title: string, text: string | undefined): string | undefined =>
  text ? `## ${title}\n\n${text}` : undefined;

/** Text as a block of code. */
export const codeBlock = (language: string, text: string): string =>
  `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;

/** What registries read of a page before they show it. */
export function frontMatter(title: string, description: string): string {
  const lines = description.split("\n").map((line) => `  ${line}`.trimEnd());
  return [
    "---",
    `page_title: ${JSON.stringify(title)}`,
    'subcategory: ""',
    "description: |-",
    ...lines,
    "---",
  ].join("\n");
}
