export * from "./gen/index.ts";
export { CozeDataSource, CozeResource, type Reference } from "./runtime/constructs.ts";
