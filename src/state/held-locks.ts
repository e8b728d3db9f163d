/** What releases each lock of this process. */
const held = new Set<() => Promise<void>>();

/** Notes a lock that was taken; returns a function that releases it, once. */
export function holdLock(release: () => void | Promise<void>): () => Promise<void> {
  const releaseOnce = async (): Promise<void> => {
    if (held.delete(releaseOnce)) await release();
  };
  held.add(releaseOnce);
  return releaseOnce;
}

/** Releases every lock of this process. To be called at its end, after the last write. */
export async function releaseLocks(): Promise<void> {
  await Promise.all([...held].map((release) => release()));
}
