export const content = {
  "content/no-heading": "{{file}} is larger than {{limit}} MB and has no heading at which it could be split",
  "content/no-heading.hint": "divide the text by headings, or split the file",
  "content/no-part": "{{file}} has no part {{part}}",
  "content/no-part.hint": "its parts begin with: {{known}}",
  "content/section-large":
    "a section of {{file}} is larger than {{limit}} MB and has no heading at which it could be split: {{title}}",
  "content/section-large.hint": "divide the section by headings",
} as const;
