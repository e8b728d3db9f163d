import { kinds } from "../kinds/index.ts";
import { findRetired, type RetiredObjects } from "../promote/retire.ts";
import { openStore } from "../state/store.ts";
import { type Host, type ProjectOptions, placeOfState, readProject } from "./connections.ts";

/** What was found, and whether it was forgotten. */
export interface Retirement {
  readonly retired: readonly RetiredObjects[];
  readonly done: boolean;
}

/**
 * Forgets copies that were replaced and that neither a rollback nor anything remembered needs; `approve` is asked when
 * there are some. Coze isn't asked: deleting them there is up to people, since the API can't.
 */
export async function retire(
  host: Host,
  options: ProjectOptions & { readonly approve: (retired: readonly RetiredObjects[]) => Promise<boolean> },
): Promise<Retirement> {
  const project = await readProject(host, options);
  const store = openStore(placeOfState(project, options), "cozeform promote --retire");
  try {
    const retired = findRetired(store.state, kinds);
    const done = retired.length > 0 && (await options.approve(retired));
    if (done) {
      store.put("forgotten", Object.fromEntries(retired.map(({ address, entry }) => [address, entry])));
    }
    return { retired, done };
  } finally {
    store.close();
  }
}
