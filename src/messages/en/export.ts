export const exporting = {
  "export/conflicts": "{{field}} excludes it",
  "export/draft-ahead":
    "The draft is newer than what is published: the next apply that changes this resource publishes it, too.",
  "export/holds-secret": "it holds what looks like a secret, or one of this run's own",
  "export/looks-like-variable": "a part of it looks like ${var.…} with full-width signs",
  "export/omitted": "{{field}} isn't written, and stays as Coze has it: {{problem}}.",
  "export/only-looked-up": "a {{kind}} is made in Coze itself, and the API shows nothing of its inside",
  "export/only-looked-up.hint": "refer to it by {lookup: {name: …}} or by its id",
  "export/unfit": "a manifest of a {{kind}} can't say all that it needs: {{problem}}",
  "export/unfit.hint": "change it in Coze, and export again; other manifests refer to it by its name or id",
  "export/unreturned": "Coze doesn't return {{fields}} of a {{kind}}, and no manifest goes without",
  "export/unreturned.hint": "it stays as it is; write a manifest for it where you have what it was made from",
} as const;
