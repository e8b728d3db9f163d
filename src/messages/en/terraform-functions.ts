export const terraformFunctions = {
  "terraform-functions/and": "{{one}} and {{other}}",
  "terraform-functions/or": "{{one}} or {{other}}",
  "terraform-functions/reference": "{{resource}}, or {{dataSource}} for one that isn't managed here",
} as const;
