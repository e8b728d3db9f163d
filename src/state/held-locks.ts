/** What releases each lock of this process. */
const held = new Set<() => void>();

/** Notes a lock that was taken; returns a function that releases it, once. */
export function holdLock(release: () => void): () => void {
  const releaseOnce = (): void => {
    if (held.delete(releaseOnce)) release();
  };
  held.add(releaseOnce);
  return releaseOnce;
}

/** Releases every lock of this process. To be called at its end, after the last write. */
export function releaseLocks(): void {
  for (const release of [...held]) release();
}
