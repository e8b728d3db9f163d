import type { Backend } from "./backend.ts";
import type { StateLocation } from "./location.ts";

/** Where the state of one environment is kept. */
export interface StatePlace extends StateLocation {
  /** The API that the ids belong to; undefined where no call is made: whichever the state has. */
  readonly endpoint?: string | undefined;
  /** The lineage to begin with when there is no state yet; made up when absent. */
  readonly lineage?: string | undefined;
  /** What keeps the state; the files of {@link StateLocation} by default. */
  readonly backend?: Backend | undefined;
}
