// Made from the kinds by npm run generate: change those, and run it again.
export * from "./bot.ts";
export * from "./callback-app.ts";
export * from "./copy.ts";
export * from "./coze-provider.ts";
export * from "./data-coze-bot.ts";
export * from "./data-coze-callback-app.ts";
export * from "./data-coze-dataset.ts";
export * from "./data-coze-document.ts";
export * from "./data-coze-plugin-tool.ts";
export * from "./data-coze-plugin.ts";
export * from "./data-coze-workflow.ts";
export * from "./data-coze-workspace-member.ts";
export * from "./data-coze-workspace.ts";
export * from "./dataset.ts";
export * from "./document.ts";
export * from "./workspace-member.ts";
export * from "./workspace.ts";
