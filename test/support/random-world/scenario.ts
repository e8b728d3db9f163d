import fc from "fast-check";
import type { FaultRule } from "../../../src/emulator/index.ts";
import type { Variant } from "../../../src/emulator/world/variants.ts";
import { someVariants } from "../variants.ts";
import { addresses } from "./wishes.ts";

/** One thing that happens in a scenario; numbers are read modulo what there is. */
type Happening =
  | { readonly type: "wish"; readonly whom: number; readonly variant: number | undefined }
  | { readonly type: "deed"; readonly deed: number; readonly whom: number }
  | { readonly type: "plan" }
  | Storm;

/** An apply in bad weather. */
export interface Storm {
  readonly type: "apply";
  readonly parallelism: number;
  readonly faults: readonly FaultRule[];
  readonly end: End;
}

/** How an apply ends: by itself, or at one of its calls, before that takes effect or after. */
export interface End {
  readonly how: "itself" | "killed" | "interrupted";
  readonly call: number;
  readonly moment: "before" | "after";
}

/** Random manifests, changed at random, with strangers about, faults and interruptions. */
export interface Scenario {
  readonly signIn: "token" | "jwt";
  /** Ways in which Coze differs from its reference. */
  readonly variants: readonly Variant[];
  /** What Coze is like all the time. */
  readonly climate: readonly FaultRule[];
  /** The first wishes, in the order of the addresses. */
  readonly begin: readonly (number | undefined)[];
  readonly happenings: readonly Happening[];
}

const moment = fc.constantFrom("before", "after");

/** A fault that strikes one call. */
const fault: fc.Arbitrary<FaultRule> = fc
  .tuple(
    fc.nat(60),
    fc.oneof(
      fc.record({ fault: fc.constant("drop"), moment }),
      fc.record({ fault: fc.constant("server-error"), moment }),
      fc.record({ fault: fc.constant("gateway"), moment }),
      fc.record({ fault: fc.constant("expire-tokens"), moment }),
      fc.record({ fault: fc.constant("delay"), moment, ms: fc.constantFrom(2000, 90_000) }),
      fc.record({ fault: fc.constant("truncate"), inside_character: fc.boolean() }),
      fc.record({ fault: fc.constant("leave-out"), part: fc.constantFrom("code", "data") }),
      fc.record({ fault: fc.constant("refuse"), code: fc.constantFrom(4000, 4101, 4028) }),
      fc.record({ fault: fc.constant("storm"), retry_after: fc.constantFrom(0, 3) }),
      fc.record({ fault: fc.constant("empty") }),
    ),
  )
  .map(([skip, what]) => ({ operation: "*", calls: { skip, times: 1 }, ...what }));

const wish = fc.record({
  type: fc.constant("wish"),
  whom: fc.nat(addresses.length - 1),
  variant: fc.option(fc.nat(5000), { nil: undefined, freq: 4 }),
});

const storm: fc.Arbitrary<Storm> = fc.record({
  type: fc.constant("apply"),
  parallelism: fc.constantFrom(1, 3, 10),
  faults: fc.array(fault, { maxLength: 4 }),
  end: fc.record({
    how: fc.constantFrom("itself", "killed", "interrupted"),
    call: fc.integer({ min: 1, max: 60 }),
    moment,
  }),
});

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 5, arbitrary: wish },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("deed"), deed: fc.nat(20), whom: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.constant({ type: "plan" }) },
  { weight: 3, arbitrary: storm },
);

export const scenario: fc.Arbitrary<Scenario> = fc.record({
  signIn: fc.constantFrom("token", "jwt"),
  variants: someVariants,
  climate: fc.subarray<FaultRule>([
    { operation: "reads", fault: "list-lag", ms: 3000 },
    { operation: "*", fault: "number-ids" },
    { operation: "*", fault: "text-times" },
  ]),
  begin: fc.array(fc.option(fc.nat(5000), { nil: undefined, freq: 3 }), {
    minLength: addresses.length,
    maxLength: addresses.length,
  }),
  happenings: fc.array(happening, { minLength: 1, maxLength: 9 }),
});
