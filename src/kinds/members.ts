import type { MemberItem } from "../coze/api/workspaces.ts";
import type { CozeClient } from "../coze/client.ts";
import type { ListingScope } from "../kind/kind.ts";

/** The members of a workspace, page by page; all of them at once where a run reads them once for several kinds. */
export async function* listMembers(
  api: CozeClient,
  workspace: string,
  once: ListingScope["once"],
): AsyncGenerator<readonly MemberItem[]> {
  if (!once) {
    yield* api.members.list(workspace);
    return;
  }
  yield await once(JSON.stringify(["members", workspace]), async () => {
    const members: MemberItem[] = [];
    for await (const page of api.members.list(workspace)) members.push(...page);
    return members;
  });
}
