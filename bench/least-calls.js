// The fewest calls that an operation can do with, by Coze's reference and the project's counts alone: nothing here is
// read from cozeform's own code.

/** The last page of a list that counts its items. */
const pages = (items, size) => Math.max(1, Math.ceil(items / size));

/** As {@link pages}, of a list that ends with its first page that isn't full: bots' `total` may count a page only. */
const pagesToEnd = (items, size) => Math.floor(items / size) + 1;

/**
 * Sizes of pages and batches. The reference gives no maximum for pages of bots and documents: 20 is the default of
 * bots, and 100 what clients ask for documents.
 */
const most = {
  workspacesOfPage: 50, // https://docs.coze.cn/developer_guides/list_workspace
  membersOfPage: 50, // https://docs.coze.cn/developer_guides/list_space_member
  datasetsOfPage: 300, // https://docs.coze.cn/developer_guides/list_dataset
  botsOfPage: 20, // https://docs.coze.cn/developer_guides/bots_list_draft_published
  documentsOfPage: 100, // https://docs.coze.cn/developer_guides/list_knowledge_files
  membersAdded: 20, // https://docs.coze.cn/developer_guides/add_space_member
  membersRemoved: 5, // https://docs.coze.cn/developer_guides/remove_space_member
  documentsCreated: 10, // https://docs.coze.cn/developer_guides/create_knowledge_files
};

/** How many of `total` things a holder has of `holders`, which take them in turn: `[how many each, how many holders]`. */
function share(total, holders) {
  const more = total % holders;
  return [
    [Math.ceil(total / holders), more],
    [Math.floor(total / holders), holders - more],
  ].filter(([, count]) => count > 0);
}

/** The sum over all holders of what one costs with its share of `total`. */
const sum = (total, holders, cost) =>
  share(total, holders).reduce((all, [each, count]) => all + cost(each) * count, 0);

/**
 * A look at all that exists: the lists, each to its end. A workspace's owner is one more of its members. The list of
 * bots doesn't tell where they are published; the one of a channel's bots does.
 */
function looking({ bots, documents, members, datasets, workspaces }, published) {
  return (
    (published ? botLists({ bots, workspaces }) : 0) +
    pages(workspaces, most.workspacesOfPage) +
    sum(members, workspaces, (each) => pages(each + 1, most.membersOfPage)) +
    sum(datasets, workspaces, (each) => pages(each, most.datasetsOfPage)) +
    botLists({ bots, workspaces }) +
    sum(documents, datasets, (each) => pages(each, most.documentsOfPage))
  );
}

/** Bots of a workspace's list don't show their configuration, but when they were changed. */
const botLists = ({ bots, workspaces }) => sum(bots, workspaces, (each) => pagesToEnd(each, most.botsOfPage));

/**
 * What makes everything. A bot takes two calls, because its creation accepts no knowledge
 * (https://docs.coze.cn/developer_guides/create_bot), and one that reads it back once its second is over: its update
 * time counts in seconds, and without that look each plan would read each bot. The list after it tells the update times
 * of all. Documents are processed after their creation: one call for a dataset tells about all of its documents
 * (https://docs.coze.cn/developer_guides/get_dataset_progress).
 */
function making({ bots, documents, members, datasets, workspaces }) {
  return (
    workspaces +
    datasets +
    sum(members, workspaces, (each) => Math.ceil(each / most.membersAdded)) +
    sum(documents, datasets, (each) => Math.ceil(each / most.documentsCreated)) +
    Math.min(documents, datasets) +
    bots * 3 +
    botLists({ bots, workspaces })
  );
}

/** Nothing is there yet but perhaps workspaces of these names. */
const findingNothing = () => 1;

/** Datasets go with their documents; workspaces and bots stay at Coze, which can't delete them. */
const removing = ({ members, datasets, workspaces }) =>
  datasets + sum(members, workspaces, (each) => Math.ceil(each / most.membersRemoved));

const operations = {
  validate: () => 0,
  "first plan": findingNothing,
  apply: (counts) => findingNothing() + making(counts),
  "no-op plan": (counts, { published }) => looking(counts, published),
  // What was applied is in the state: changes of manifests need no further look.
  "changed plan": (counts, { published }) => looking(counts, published),
  "drifted plan": (counts, { published, drifted }) => looking(counts, published) + drifted,
  // Published bots are taken off their channel, one call for each.
  destroy: (counts, { published }) =>
    looking(counts, published) + removing(counts) + (published ? counts.bots : 0),
  // The published configuration of each bot is read, and what is made of it is published. Members aren't promoted.
  promote: (counts) => findingNothing() + making({ ...counts, members: 0 }) + counts.bots * 2,
};

/** The names of all operations. */
export const operationNames = Object.keys(operations);

/**
 * The least possible calls of an operation in a project with these counts. `drifted` is the number of bots that were
 * changed at Coze; `published` tells that all bots are.
 */
export function countLeastCalls(operation, counts, { drifted = 0, published = false } = {}) {
  return operations[operation](counts, { drifted, published });
}
