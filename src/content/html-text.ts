import { compile, type FormatCallback } from "html-to-text";

/**
 * Turns a page of HTML into text that people and models read: paragraphs, lists and tables, headings and code as in
 * Markdown; without scripts, styles and images.
 */
export const convertHtml: (html: string) => string = (html) => `${convert(html).trim()}\n`;

const heading: FormatCallback = (element, walk, builder, options) => {
  const level = Number(element.name?.slice(1) ?? 1);
  builder.openBlock({ leadingLineBreaks: 2 });
  builder.addLiteral(`${"#".repeat(level)} `);
  walk(element.children, builder);
  builder.closeBlock({ trailingLineBreaks: options.trailingLineBreaks ?? 2 });
};

const code: FormatCallback = (element, walk, builder) => {
  builder.openBlock({ leadingLineBreaks: 2, isPre: true });
  builder.addLiteral("```\n");
  walk(element.children, builder);
  builder.addLiteral("\n```");
  builder.closeBlock({ trailingLineBreaks: 2 });
};

const skipped = [
  "head",
  "script",
  "style",
  "noscript",
  "template",
  "svg",
  "img",
  "iframe",
  "object",
  "video",
];

const convert = compile({
  wordwrap: false,
  // A page may hold any number of links and elements; what it says is to be whole.
  limits: { maxInputLength: 2 ** 26 },
  formatters: { markedHeading: heading, fencedCode: code },
  selectors: [
    ...skipped.map((selector) => ({ selector, format: "skip" })),
    ...[1, 2, 3, 4, 5, 6].map((level) => ({ selector: `h${level}`, format: "markedHeading" })),
    { selector: "pre", format: "fencedCode" },
    { selector: "a", options: { ignoreHref: true } },
    { selector: "ul", options: { itemPrefix: "- " } },
    { selector: "table", format: "dataTable", options: { uppercaseHeaderCells: false } },
  ],
});
