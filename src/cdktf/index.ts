export * from "./gen/index.ts";
export { CozeManifests, type CozeManifestsConfig, InvalidManifests } from "./manifests.ts";
export { CozePromotion, type CozePromotionConfig } from "./promotion.ts";
export { CozeDataSource, CozeResource, type Reference } from "./runtime/constructs.ts";
export {
  CozeSpace,
  type CozeSpaceConfig,
  type CozeSpaceDefaults,
  type Inside,
  type ResourceClass,
  type SpaceItem,
} from "./space.ts";
