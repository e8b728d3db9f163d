import { kinds } from "../kinds/index.ts";
import { moveToday } from "../plan/moves.ts";
import type { State } from "../state/model.ts";
import type { RunProject } from "./project.ts";

/** A state with its resources at the addresses that they have in the project now, for commands that only read it. */
export function moveStateToday({ resources, moves }: RunProject, state: State): State {
  const found = new Map(Object.entries(state.resources));
  const { entries, moved } = moveToday(found, resources, moves, kinds, state.lineage);
  return moved.size === 0 ? state : { ...state, resources: Object.fromEntries(entries) };
}
