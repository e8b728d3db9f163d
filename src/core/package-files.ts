/**
 * The address of a file of this package, such as `package.json`; `path` begins at the package's root. Sources, compiled
 * modules and the command's bundle all lie two folders below the root.
 */
export const packageFile = (path: string): URL => new URL(`../../${path}`, import.meta.url);
